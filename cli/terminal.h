// The process's own ends: what they are, and standard streams that write straight to a descriptor.
#pragma once
#include <array>
#include <streambuf>

#include "env.h"

namespace apigw::cli {

[[nodiscard]] Terminal detect_terminal(const config::Environment& environment);

// Typing shows nothing while this lives, of which there is one at a time; does nothing where stdin is no terminal. An
// interrupt gives the terminal back before it ends the process.
class SilentInput {
 public:
  SilentInput();
  SilentInput(const SilentInput&) = delete;
  SilentInput& operator=(const SilentInput&) = delete;
  ~SilentInput();

 private:
  bool silenced_ = false;
};

// Buffers until a flush or until it is full. A reader that went away (EPIPE) is no failure: what follows is dropped
// and `failure()` stays 0, so that `apigw … | head` ends in peace.
class DescriptorBuffer final : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor) : descriptor_(descriptor) {
    setp(block_.data(), block_.data() + block_.size());
  }
  ~DescriptorBuffer() override { DescriptorBuffer::sync(); }
  // errno of a write that failed, 0 when all went well.
  [[nodiscard]] int failure() const { return failure_; }

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  int descriptor_;
  int failure_ = 0;
  bool gone_ = false;
  std::array<char, 16 << 10> block_;
};

}  // namespace apigw::cli
