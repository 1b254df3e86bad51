#include "options.h"

#include <map>
#include <optional>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/text.h"

namespace apigw::cli {
namespace {

constexpr int many = 1 << 20;  // values of one repeatable option

std::optional<bool> boolean(std::string_view word) {
  static constexpr std::pair<std::string_view, bool> words[] = {{"1", true},   {"true", true}, {"yes", true},
                                                                {"on", true},  {"0", false},   {"false", false},
                                                                {"no", false}, {"off", false}};
  for (const auto& [name, value] : words)
    if (text::iequals(word, name)) return value;
  return std::nullopt;
}

Complaint wants_boolean(std::string_view name, std::string_view value) {
  return {fmt::format("{} is '{}', which is neither yes nor no", name, text::printable(value)),
          fmt::format("write {}=1 or {}=0", name, name)};
}

std::string quoted_list(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", word);
  return list;
}

// What was given for one row, whichever way, put into its place.
std::expected<void, Complaint> store(const Options::Declared& option, std::string_view name,
                                     const std::vector<std::string>& given, bool from_variable) {
  if (auto* const list = std::get_if<std::vector<std::string>*>(&option.into)) {
    **list = given;
  } else if (auto* const value = std::get_if<std::string*>(&option.into)) {
    **value = given.back();
  } else if (auto* const count = std::get_if<int*>(&option.into); count != nullptr && from_variable) {
    const auto number = text::parse_number(given.back());
    if (!number || *number > 9)
      return std::unexpected(Complaint{fmt::format("{} is '{}', not a small number", name, given.back()), {}});
    **count = static_cast<int>(*number);
  } else if (count != nullptr) {
    **count = static_cast<int>(given.size());
  } else {
    const auto on = boolean(given.back());
    if (!on) return std::unexpected(wants_boolean(name, given.back()));
    *std::get<bool*>(option.into) = *on;
  }
  return {};
}

}  // namespace

struct Options::Parser {
  CLI::App app;
  std::vector<CLI::Option*> options;  // beside declared_

  CLI::Option* add(const Declared& option) {
    const std::string names{option.row.names};
    CLI::Option* const made = option.takes_value() ? app.add_option(names, [](const CLI::results_t&) { return true; })
                                                   : app.add_flag(names);
    made->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (option.positional() && option.repeats()) made->expected(many, many);
    return made;
  }
};

std::string Options::Declared::variable() const {
  if (positional()) return {};
  std::string name = "APIGW_";
  for (const char c : std::string_view{flag}.substr(2))
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

Options::Options() : parser_(std::make_unique<Parser>()) {
  parser_->app.set_help_flag();
  parser_->app.allow_extras();
}

Options::~Options() = default;

void Options::add(OptionRow row, Place into) {
  Declared option{.row = std::move(row), .into = into};
  for (const std::string_view name : text::split(option.row.names, ',')) {
    if (name.starts_with("--"))
      option.flag = name;
    else if (name.starts_with('-'))
      option.brief = name;
  }
  option.global = globals_ == 0;
  if (!option.brief.empty()) give_way(option.brief);
  parser_->options.push_back(parser_->add(option));
  declared_.push_back(std::move(option));
}

void Options::give_way(std::string_view brief) {
  for (std::size_t i = 0; i < globals_; ++i) {
    Declared& option = declared_[i];
    if (option.brief != brief) continue;
    option.brief.clear();
    option.row.names = option.row.names.substr(option.row.names.find("--"));
    parser_->app.remove_option(parser_->options[i]);
    parser_->options[i] = parser_->add(option);
  }
}

std::expected<void, Complaint> Options::split(std::vector<std::string> arguments) {
  std::ranges::reverse(arguments);  // as CLI11 wants them
  try {
    parser_->app.parse(std::move(arguments));
  } catch (const CLI::ArgumentMismatch& mismatch) {
    const std::string_view what = mismatch.what();
    const std::string_view flag = what.substr(0, what.find(':'));
    const Declared* const row = find(flag);
    return std::unexpected(
        Complaint{fmt::format("{} needs a value", flag),
                  row != nullptr ? fmt::format("write {} {}", flag, row->row.value) : std::string{}});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(Complaint{error.what(), {}});
  }
  return {};
}

std::expected<void, Complaint> Options::take(std::size_t i, const config::Environment& environment) {
  const Declared& option = declared_[i];
  const CLI::Option& parsed = *parser_->options[i];
  if (parsed.count() > 0) {
    const std::string_view name = option.positional() ? option.row.names : std::string_view{option.flag};
    return store(option, name, parsed.results(), false);
  }
  const std::string variable = option.variable();
  const auto found = variable.empty() ? environment.end() : environment.find(variable);
  if (found == environment.end() || found->second.empty()) return {};
  return store(option, variable, {found->second}, true);
}

std::expected<void, Complaint> Options::check(std::size_t i) const {
  const Declared& option = declared_[i];
  const std::string* const value =
      std::holds_alternative<std::string*>(option.into) ? std::get<std::string*>(option.into) : nullptr;
  const auto* const list = option.repeats() ? std::get<std::vector<std::string>*>(option.into) : nullptr;
  const std::string_view name = option.positional() ? option.row.names : std::string_view{option.flag};
  if (option.row.required && ((value != nullptr && value->empty()) || (list != nullptr && list->empty()))) {
    const std::string help =
        option.row.choices.empty() ? std::string{option.row.doc} : "one of " + quoted_list(option.row.choices);
    return std::unexpected(Complaint{fmt::format("{} is missing", name), help});
  }
  if (option.row.choices.empty() || value == nullptr || value->empty()) return {};
  if (std::ranges::find(option.row.choices, *value) != option.row.choices.end()) return {};
  const auto near = text::closest(*value, option.row.choices);
  return std::unexpected(
      Complaint{fmt::format("{} cannot be '{}'", name, text::printable(*value)),
                near ? fmt::format("did you mean '{}'?", *near) : "one of " + quoted_list(option.row.choices)});
}

std::expected<Options::Parsed, Complaint> Options::parse(std::vector<std::string> arguments,
                                                         const config::Environment& environment) {
  bool help = false;
  add({.names = "-h,--help", .doc = "show this text"}, &help);
  declared_.pop_back();  // parsed, but no row: every command has it
  const auto done = split(std::move(arguments));
  if (parser_->options.back()->count() > 0) return Parsed{.help = true};
  if (!done) return std::unexpected(done.error());
  for (const std::string& extra : parser_->app.remaining()) {
    if (extra == "--") continue;
    const bool flag = extra.size() > 1 && extra.starts_with('-');
    const std::string name = extra.substr(0, flag ? extra.find('=') : std::string::npos);
    return std::unexpected(
        Complaint{fmt::format("{} '{}'", flag ? "unknown flag" : "unexpected argument", text::printable(name)),
                  flag ? suggestion(name) : std::string{}});
  }
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    if (auto taken = take(i, environment); !taken) return std::unexpected(taken.error());
    if (auto fits = check(i); !fits) return std::unexpected(fits.error());
  }
  return Parsed{};
}

bool Options::given(std::string_view flag) const {
  const Declared* const row = find(flag);
  return row != nullptr && parser_->options[static_cast<std::size_t>(row - declared_.data())]->count() > 0;
}

const Options::Declared* Options::find(std::string_view flag) const {
  const auto found = std::ranges::find_if(declared_, [&](const Declared& option) {
    return !option.positional() && (option.flag == flag || option.brief == flag);
  });
  return found == declared_.end() ? nullptr : &*found;
}

std::string Options::suggestion(std::string_view flag) const {
  std::vector<std::string_view> flags{"--help"};
  for (const Declared& option : declared_)
    if (!option.positional()) flags.push_back(option.flag);
  const auto near = text::closest(flag, flags);
  return near ? fmt::format("did you mean '{}'?", *near) : std::string{};
}

}  // namespace apigw::cli
