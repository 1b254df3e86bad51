// Counters, gauges and histograms in the Prometheus text format. Base units; counters end in `_total`.
//
// A label must take few values: a route's template, never a path. Safe for many threads.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace runtime {

class Metric {
 public:
  Metric(std::string name, std::string help, std::string kind, std::vector<std::string> labels);
  virtual ~Metric() = default;
  void render(std::string& out) const;

 protected:
  using Labels = std::vector<std::string>;
  std::string key(const Labels& values) const;  // `method="GET",route="/items"`
  void sample(std::string& out, const std::string& suffix, const std::string& key, double number) const;
  virtual void samples(std::string& out) const = 0;

  mutable std::mutex mutex_;

 private:
  std::string name_, help_, kind_;
  std::vector<std::string> labels_;
};

// A counter or a gauge, with one number for each combination of its labels' values.
class Value : public Metric {
 public:
  Value(std::string name, std::string help, std::string kind, std::vector<std::string> labels);
  void add(double amount, const Labels& values = {});
  void set(double number, const Labels& values = {});

 private:
  void samples(std::string& out) const override;
  std::map<std::string, double> cells_;
};

// Counts seconds.
class Histogram : public Metric {
 public:
  using Metric::Metric;
  void observe(double seconds, const Labels& values = {});

 private:
  static constexpr std::array bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
  struct Cell {
    std::array<std::uint64_t, bounds.size() + 1> counts{};  // one a bound, and what is above them
    double sum = 0;
  };
  void samples(std::string& out) const override;
  std::map<std::string, Cell> cells_;
};

// All metrics of a process, in the order in which they were made.
class Metrics {
 public:
  Metrics();
  Value& counter(const std::string& name, const std::string& help, std::vector<std::string> labels = {});
  Value& gauge(const std::string& name, const std::string& help, std::vector<std::string> labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, std::vector<std::string> labels = {});
  std::string render() const;

 private:
  template <class Kind>
  Kind& add(std::unique_ptr<Kind> metric);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Metric>> all_;
};

double seconds_since_epoch();

}  // namespace runtime
