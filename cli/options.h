// The flags and arguments of one command, declared as rows; parsing, --help, completion and APIGW_* all read the
// rows.
//
// CLI11 splits the command line, and only options.cpp sees it. What a flag may say, whether it is required and what a
// typo was meant to be is decided here, so that every command answers in the same words. A flag that is not given
// takes the value of its variable (--no-input: APIGW_NO_INPUT); positionals have none.
#pragma once
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "complaint.h"
#include "config/load.h"

namespace apigw::cli {

struct OptionRow {
  std::string_view names;                      // "-X,--request", "--resolve"; a positional: "FILE"
  std::string_view doc;                        // one line, lower case
  std::string_view value;                      // what its value is called: "METHOD"; empty: a switch or a positional
  std::vector<std::string_view> choices = {};  // the only values allowed; empty: any
  std::string_view completes = {};  // where values come from: "files", "dirs", or what `apigw __complete` knows
  bool required = false;
};

class Options {
 public:
  using Place = std::variant<bool*, int*, std::string*, std::vector<std::string>*>;
  struct Declared {
    OptionRow row;
    Place into;
    std::string flag;   // "--request"; empty for a positional
    std::string brief;  // "-X"; may be empty
    bool global = false;
    [[nodiscard]] bool positional() const { return flag.empty(); }
    [[nodiscard]] bool takes_value() const { return into.index() >= 2; }
    [[nodiscard]] bool repeats() const { return into.index() == 3; }
    [[nodiscard]] std::string variable() const;  // "APIGW_REQUEST"; empty for a positional
  };

  Options();
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // `into` must outlive parse(). bool: a switch; int: a switch that counts; string: the last one given; vector: every
  // one given, or all positionals that are left.
  void add(OptionRow row, Place into);
  // Rows from here on are the command's own.
  void end_of_globals() { globals_ = declared_.size(); }

  // Fills the places. `help` tells whether -h stood anywhere; then nothing else is checked.
  struct Parsed {
    bool help = false;
  };
  [[nodiscard]] std::expected<Parsed, Complaint> parse(std::vector<std::string> arguments,
                                                       const config::Environment& environment);

  // Whether "--request" stood on the command line that was parsed; its variable alone does not count.
  [[nodiscard]] bool given(std::string_view flag) const;
  [[nodiscard]] std::span<const Declared> declared() const { return declared_; }
  // The row of "--request" or "-X", or nothing.
  [[nodiscard]] const Declared* find(std::string_view flag) const;
  // The flag that a person most likely meant, as help text: "did you mean '--request'?"; else empty.
  [[nodiscard]] std::string suggestion(std::string_view flag) const;

 private:
  struct Parser;
  // A command's own short name wins over a global one, whose long name stays.
  void give_way(std::string_view brief);
  [[nodiscard]] std::expected<void, Complaint> split(std::vector<std::string> arguments);
  [[nodiscard]] std::expected<void, Complaint> take(std::size_t i, const config::Environment& environment);
  [[nodiscard]] std::expected<void, Complaint> check(std::size_t i) const;
  std::unique_ptr<Parser> parser_;
  std::vector<Declared> declared_;
  std::size_t globals_ = 0;
};

}  // namespace apigw::cli
