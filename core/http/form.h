// Reads a multipart/form-data body (RFC 7578) as it comes: the names of its parts, and the values of those that are
// no files.
//
// Cutting the same bytes differently finds the same parts. Keeps no file's bytes: at most the head of a part, or the
// value of a field. Decodes nothing: a part is what its bytes are.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace apigw::http {

struct FormPart {
  std::string name;
  bool file = false;
  std::uint64_t begin = 0, end = 0;  // the place of its value in the body
  std::string value;                 // empty for a file
};

class FormReader {
 public:
  static constexpr std::size_t most_head = 16 << 10;   // bytes of a part's head
  static constexpr std::size_t most_value = 64 << 10;  // bytes of the value of a field that is no file
  static constexpr std::size_t most_parts = 1'000;

  // Error invalid: `content_type` is no form's, or names no boundary of 1 to 70 characters.
  [[nodiscard]] static Result<FormReader> of(std::string_view content_type);

  // Appends the parts that `chunk` brought to their end. Error invalid: the bytes are no form, or one beyond the
  // limits above; the reader then yields nothing more.
  [[nodiscard]] Result<void> feed(std::string_view chunk, std::vector<FormPart>& parts);
  // Whether the mark behind the last part has come. What follows it is passed over.
  [[nodiscard]] bool done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t { before, mark, head, value, done, broken };
  enum class Step : std::uint8_t { again, wait };

  explicit FormReader(std::string_view boundary);
  Result<Step> step(std::vector<FormPart>& parts);
  Step find_mark();
  Result<Step> behind_mark();
  Result<Step> read_head();
  Result<Step> read_value(std::vector<FormPart>& parts);
  void drop(std::size_t count);

  std::string mark_;  // "\r\n--" and the boundary
  State state_ = State::before;
  std::string held_;      // what came and is not passed yet
  std::int64_t at_ = -2;  // the place of its first byte in the body, which the end of a line was put before
  FormPart part_;
  std::size_t count_ = 0;
};

}  // namespace apigw::http
