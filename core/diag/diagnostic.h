// What is wrong in a person's input: a stable code, one cause, several labelled places, and what to write instead.
//
// Collected into a Report, never thrown and never printed where it is found. Grammar of the words: `message` says
// what is wrong in the user's words, lower case, values in single quotes; a label says why here; a help says what to
// write.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"

namespace apigw::diag {

enum class Severity { error, warning, note };

// One row of codes.cpp. `number` is stable for ever: AGW1xx syntax, 2xx schema, 3xx meaning, 4xx security,
// 5xx reliability, 6xx prompts, 7xx emit and import losses, 8xx Kubernetes manifests.
struct Code {
  int number;              // 321 is printed AGW321
  Severity severity;       // what it is unless a command line raises it
  std::string_view title;  // a short noun phrase: "unknown provider"
};

// Every code, by number. Pages (what it means, a bad and a good example) are files: diag/pages/AGW321.md.
[[nodiscard]] std::span<const Code> codes();
[[nodiscard]] const Code* find_code(int number);
[[nodiscard]] std::string_view page(int number);  // the Markdown page; empty when there is no such code
[[nodiscard]] std::string code_name(int number);  // "AGW321"
// The word that stands for a severity wherever a finding is written.
[[nodiscard]] constexpr std::string_view word(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

struct Label {
  Span where;
  std::string text;  // may be empty
  friend bool operator==(const Label&, const Label&) = default;
};

struct Fix {
  Span where;  // what to replace; empty span inserts
  std::string replacement;
};

struct Diagnostic {
  int code = 0;
  Severity severity = Severity::error;
  std::string message;
  std::vector<Label> labels;       // the first is the place of the finding
  std::vector<std::string> helps;  // "replace with 'openai'"
  std::vector<Fix> fixes;          // the same for a machine: the parts of one edit, made together or not at all

  // The place of the finding; not known() when it belongs to no text.
  [[nodiscard]] Span where() const { return labels.empty() ? Span{} : labels.front().where; }
};

// The texts that spans point into. Ids are indices and stay valid; texts are kept whole (renderers show lines). A
// byte order mark belongs to no line. Offsets past the end of a text are taken as its end.
class Sources {
 public:
  SourceId add(std::string name, std::string text);
  [[nodiscard]] std::string_view name(SourceId id) const;
  [[nodiscard]] std::string_view text(SourceId id) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }
  struct Position {
    std::size_t line = 1;    // from 1; CR LF counts as one end of line
    std::size_t column = 1;  // from 1, in characters (code points) of the line
  };
  [[nodiscard]] Position position(SourceId id, std::uint32_t offset) const;
  [[nodiscard]] std::string_view line(SourceId id, std::size_t number) const;  // without its end; empty past the last
  // Overwrites a place with '*' (all but the first few bytes of a long one), so that no renderer shows the key that
  // somebody wrote there. Offsets stay; only for when nobody reads the text for its meaning any more.
  void conceal(Span where);
  // Writes `text` over the bytes at `begin`, for who had blanks parsed where something else is to be shown. Neither
  // holds a line end; offsets stay.
  void show(SourceId id, std::size_t begin, std::string_view text);
  [[nodiscard]] std::uint32_t line_begin(SourceId id, std::size_t number) const;  // offset of the line's first byte

 private:
  struct File {
    std::string name, text;
    std::vector<std::uint32_t> starts;  // of lines
    std::vector<std::uint32_t> counts;  // code points before every 4096th byte: a column costs the same in any line
  };
  [[nodiscard]] static std::size_t code_points_before(const File& file, std::size_t offset);

  std::vector<File> files_;
};

// All findings of a run. Bounded: past `limit` findings it counts and keeps no more (an error that was not kept is an
// error all the same).
class Report {
 public:
  static constexpr std::size_t limit = 1000;
  // Severity comes from the code's row. The returned reference may be decorated until the next call.
  Diagnostic& add(int code, Span where, std::string message, std::string label = {});
  Diagnostic& add(Diagnostic finding);
  void append(const Report& other);
  // By source, place, code; equal findings once. `# apigw-ignore AGW402: reason` on the finding's line, or alone on
  // the line above, removes it (a warning or note only; an ignore without a reason is itself a finding, AGW108).
  void finish(const Sources& sources);
  [[nodiscard]] std::span<const Diagnostic> all() const { return all_; }
  [[nodiscard]] std::size_t errors() const;
  [[nodiscard]] std::size_t warnings() const;
  [[nodiscard]] std::size_t dropped() const { return dropped_; }  // beyond the limit
  [[nodiscard]] bool has_errors() const { return errors() > 0; }

 private:
  [[nodiscard]] std::size_t count(Severity severity) const;
  void obey_ignores(const Sources& sources);

  std::vector<Diagnostic> all_;
  Diagnostic spare_;  // what a caller decorates once the limit is reached
  std::size_t dropped_ = 0, dropped_errors_ = 0;
};

enum class Format { full, concise, json, sarif, github, gitlab, junit };
// Full ends with a line of counts; json is one versioned document; sarif is SARIF 2.1.0; github are the lines that
// its Actions read, gitlab is its code quality report, junit a test report. Full, concise and github say nothing of
// an empty report. Colour only where `color` (full). Control characters of an input never reach the output as they
// are.
[[nodiscard]] std::string render(const Report& report, const Sources& sources, Format format, bool color);

}  // namespace apigw::diag
