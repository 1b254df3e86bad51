#include "runtime/metrics.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>

namespace runtime {
namespace {

std::string shown(double number) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  return error == std::errc{} ? std::string(text, end) : "NaN";
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? "\\n" : std::string(1, c);
  }
  return out;
}

}  // namespace

Metric::Metric(std::string name, std::string help, std::string kind, std::vector<std::string> labels)
    : name_(std::move(name)), help_(std::move(help)), kind_(std::move(kind)), labels_(std::move(labels)) {}

void Metric::render(std::string& out) const {
  const std::lock_guard lock(mutex_);
  out += "# HELP " + name_ + " " + help_ + "\n# TYPE " + name_ + " " + kind_ + "\n";
  samples(out);
}

std::string Metric::key(const Labels& values) const {
  if (values.size() != labels_.size())
    throw std::logic_error(name_ + " takes " + std::to_string(labels_.size()) + " labels");
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i)
    out += (out.empty() ? "" : ",") + labels_[i] + "=\"" + escaped(values[i]) + "\"";
  return out;
}

void Metric::sample(std::string& out, const std::string& suffix, const std::string& key, double number) const {
  out += name_ + suffix + (key.empty() ? "" : "{" + key + "}") + " " + shown(number) + "\n";
}

Value::Value(std::string name, std::string help, std::string kind, std::vector<std::string> labels)
    : Metric(std::move(name), std::move(help), std::move(kind), labels) {
  if (labels.empty()) cells_[""] = 0;
}

void Value::add(double amount, const Labels& values) {
  const std::lock_guard lock(mutex_);
  cells_[key(values)] += amount;
}

void Value::set(double number, const Labels& values) {
  const std::lock_guard lock(mutex_);
  cells_[key(values)] = number;
}

void Value::samples(std::string& out) const {
  for (const auto& [key, number] : cells_) sample(out, "", key, number);
}

void Histogram::observe(double seconds, const Labels& values) {
  const std::lock_guard lock(mutex_);
  Cell& cell = cells_[key(values)];
  ++cell.counts[static_cast<std::size_t>(std::ranges::lower_bound(bounds, seconds) - bounds.begin())];
  cell.sum += seconds;
}

void Histogram::samples(std::string& out) const {
  for (const auto& [key, cell] : cells_) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      total += cell.counts[i];
      const std::string bound = i < bounds.size() ? shown(bounds[i]) : "+Inf";
      sample(out, "_bucket", key + (key.empty() ? "" : ",") + "le=\"" + bound + "\"", static_cast<double>(total));
    }
    sample(out, "_sum", key, cell.sum);
    sample(out, "_count", key, static_cast<double>(total));
  }
}

Metrics::Metrics() {
  gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.").set(seconds_since_epoch());
}

Value& Metrics::counter(const std::string& name, const std::string& help, std::vector<std::string> labels) {
  return add(std::make_unique<Value>(name, help, "counter", std::move(labels)));
}

Value& Metrics::gauge(const std::string& name, const std::string& help, std::vector<std::string> labels) {
  return add(std::make_unique<Value>(name, help, "gauge", std::move(labels)));
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, std::vector<std::string> labels) {
  return add(std::make_unique<Histogram>(name, help, "histogram", std::move(labels)));
}

std::string Metrics::render() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& metric : all_) metric->render(out);
  return out;
}

template <class Kind>
Kind& Metrics::add(std::unique_ptr<Kind> metric) {
  const std::lock_guard lock(mutex_);
  Kind& added = *metric;
  all_.push_back(std::move(metric));
  return added;
}

double seconds_since_epoch() {
  using namespace std::chrono;
  return static_cast<double>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()) / 1000;
}

}  // namespace runtime
