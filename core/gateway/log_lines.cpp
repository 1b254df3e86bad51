// An Outcome as text: JSON for machines, aligned for people. Plain appends, since this is paid once a request.
#include <array>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

#include "base/decimal.h"
#include "base/text.h"
#include "gateway/access_log.h"

namespace apigw::gateway {
namespace {

constexpr std::size_t field_cap = 256;  // bytes of one field that a client chose
constexpr int client_left_status = 499;

template <class Number>
void append_number(Number value, std::string& out) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_two(int value, std::string& out) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

// Milliseconds with three digits behind the point.
void append_milliseconds(std::chrono::microseconds t, std::string& out) {
  append_number(t.count() / 1000, out);
  const auto rest = static_cast<int>(t.count() % 1000);
  out += '.';
  out += static_cast<char>('0' + rest / 100);
  append_two(rest % 100, out);
}

// Bytes that stand in a JSON string as they are.
constexpr auto plain_bytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

bool plain(std::string_view s) {
  bool all = true;
  for (const char c : s) all &= plain_bytes[static_cast<unsigned char>(c)];
  return all;
}

// Most values need no escape; those that do pay for it. Cut at a character, never within one.
void append_text(std::string_view value, std::string& out) {
  if (value.size() <= field_cap && plain(value)) {
    out.append(value);
  } else {
    for (const char c : text::printable(value, field_cap)) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

// Keys come with what stands around them (`,"host":"`), so that a field is two appends.
class JsonLine {
 public:
  explicit JsonLine(std::string& out) : out_(out) {}
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out_.append(key);
    append_text(value, out_);
  }
  void number(std::string_view key, std::uint64_t value) {
    out_.append(key);
    append_number(value, out_);
  }
  void milliseconds(std::string_view key, std::chrono::microseconds value) {
    out_.append(key);
    append_milliseconds(value, out_);
  }

 private:
  std::string& out_;
};

struct Moment {
  std::tm date{};
  int milliseconds = 0;
};

Moment moment_of(std::chrono::system_clock::time_point t) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t time = seconds.count();
  Moment out;
  gmtime_r(&time, &out.date);
  out.milliseconds = static_cast<int>((since - seconds).count());
  return out;
}

void append_time_of_day(const Moment& moment, std::string& out) {
  append_two(moment.date.tm_hour, out);
  out += ':';
  append_two(moment.date.tm_min, out);
  out += ':';
  append_two(moment.date.tm_sec, out);
  out += '.';
  out += static_cast<char>('0' + moment.milliseconds / 100);
  append_two(moment.milliseconds % 100, out);
}

// RFC 3339 with milliseconds, in quotes.
void append_timestamp(std::chrono::system_clock::time_point t, std::string& out) {
  const Moment moment = moment_of(t);
  out += '"';
  append_number(moment.date.tm_year + 1900, out);
  out += '-';
  append_two(moment.date.tm_mon + 1, out);
  out += '-';
  append_two(moment.date.tm_mday, out);
  out += 'T';
  append_time_of_day(moment, out);
  out += "Z\"";
}

int logged_status(const Outcome& outcome) {
  return outcome.status == 0 && outcome.end == End::client_left ? client_left_status : outcome.status;
}

void append_attempt(const AttemptRecord& attempt, std::string& out) {
  JsonLine line(out);
  line.text(R"({"to":")", attempt.to);
  line.text(R"(,"model":")", attempt.model);
  line.text(R"(,"address":")", attempt.address);
  line.number(R"(,"status":)", static_cast<std::uint64_t>(attempt.status));
  if (attempt.error) line.text(R"(,"error":")", word(*attempt.error));
  line.milliseconds(R"(,"ms":)", attempt.took);
  if (attempt.repair) out.append(R"(,"repair":1)");
  out.append(attempt.reused ? R"(,"reused":1})" : "}");
}

void append_usage(const chat::Usage& usage, std::string& out) {
  JsonLine line(out);
  line.number(R"(,"usage":{"input":)", usage.input);
  if (usage.cache_read > 0) line.number(R"(,"cache_read":)", usage.cache_read);
  if (usage.cache_write > 0) line.number(R"(,"cache_write":)", usage.cache_write);
  line.number(R"(,"output":)", usage.output);
  if (usage.reasoning > 0) line.number(R"(,"reasoning":)", usage.reasoning);
  out.append(usage.partial ? R"(,"partial":1})" : "}");
}

// In US dollars.
void append_cost(std::optional<catalogue::Nanodollars> cost, std::string& out) {
  out.append(R"(,"cost":)");
  if (cost)
    decimal::append(*cost, catalogue::dollar_places, out);
  else
    out.append("null");
}

constexpr std::size_t losses_logged = 4;

void append_losses(const chat::Losses& losses, std::string& out) {
  JsonLine line(out);
  line.number(R"(,"losses":{"count":)", losses.count());
  out.append(R"(,"first":[)");
  for (const chat::Loss& loss : first_of(losses, losses_logged)) {
    if (&loss != losses.list().data()) out += ',';
    out += '"';
    append_text(fmt::format("{} {}", word(loss.kind), loss.path), out);
  }
  out.append("]}");
}

void pad_to(std::size_t column, std::size_t start, std::string& out) {
  const std::size_t length = out.size() - start;
  out.append(length < column ? column - length : 2, ' ');
}

}  // namespace

void append_json_line(const Outcome& outcome, std::string& out) {
  JsonLine line(out);
  out.append(R"({"time":)");
  append_timestamp(outcome.started, out);
  line.text(R"(,"request_id":")", outcome.request_id);
  line.text(R"(,"client":")", outcome.client);
  line.text(R"(,"consumer":")", outcome.consumer);
  line.text(R"(,"method":")", outcome.method);
  line.text(R"(,"host":")", outcome.host);
  line.text(R"(,"path":")", outcome.path);
  line.text(R"(,"route":")", outcome.route);
  line.text(R"(,"model":")", outcome.model);
  line.number(R"(,"status":)", static_cast<std::uint64_t>(logged_status(outcome)));
  line.text(R"(,"end":")", word(outcome.end));
  line.text(R"(,"reason":")", outcome.reason);
  line.milliseconds(R"(,"ms":)", outcome.took);
  if (outcome.first_byte) line.milliseconds(R"(,"first_byte_ms":)", *outcome.first_byte);
  line.number(R"(,"bytes_in":)", outcome.bytes_in);
  line.number(R"(,"bytes_out":)", outcome.bytes_out);
  for (std::size_t i = 0; i < outcome.attempts.size(); ++i) {
    out.append(i == 0 ? R"(,"attempts":[)" : ",");
    append_attempt(outcome.attempts[i], out);
  }
  if (!outcome.attempts.empty()) out += ']';
  if (outcome.usage.known) append_usage(outcome.usage, out);
  if (outcome.charged) append_cost(outcome.cost, out);
  if (outcome.losses && !outcome.losses->empty()) append_losses(*outcome.losses, out);
  out.append("}\n");
}

void append_readable_line(const Outcome& outcome, std::string& out) {
  const std::size_t start = out.size();
  append_time_of_day(moment_of(outcome.started), out);
  out += "  ";
  append_number(logged_status(outcome), out);
  out += "  ";
  out += text::printable(outcome.method, 16);
  out += ' ';
  out += text::printable(outcome.path, field_cap);
  pad_to(56, start, out);
  if (!outcome.model.empty()) out.append(text::printable(outcome.model, field_cap)).append(" → ");
  if (!outcome.attempts.empty()) {
    const AttemptRecord& last = outcome.attempts.back();
    out += last.to;
    if (!last.model.empty()) out.append("/").append(text::printable(last.model, field_cap));
    out += "  ";
  }
  append_milliseconds(outcome.took, out);
  out += " ms";
  if (outcome.usage.known) {
    out += "  ";
    append_number(outcome.usage.total(), out);
    out += " tokens";
  }
  if (outcome.cost.value_or(0) > 0) {
    out += "  ";
    decimal::append(*outcome.cost, catalogue::dollar_places, out);
    out += " USD";
  }
  if (outcome.losses && !outcome.losses->empty()) {
    out += "  ";
    append_number(outcome.losses->count(), out);
    out += outcome.losses->count() == 1 ? " loss" : " losses";
  }
  if (!outcome.reason.empty()) {
    out += "  ";
    out.append(word(outcome.end)).append(": ").append(outcome.reason);
  }
  if (outcome.attempts.size() > 1) {
    out += "  after ";
    append_number(outcome.attempts.size(), out);
    out += " attempts";
  }
  out += '\n';
}

}  // namespace apigw::gateway
