// Input buffers on loan: a worker keeps a few blocks and lends one to whichever socket has bytes to read right now.
//
// A socket that waits holds none, which is what makes thousands of quiet streams cheap.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace apigw::net {

struct Block {
  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;
};

class Blocks {
 public:
  static constexpr std::size_t small = 16 << 10;
  static constexpr std::size_t large = 64 << 10;

  // At least `size` bytes.
  [[nodiscard]] Block take(std::size_t size) {
    const std::size_t rounded = size <= small ? small : size <= large ? large : (size + small - 1) / small * small;
    std::vector<Block>* shelf = shelf_of(rounded);
    if (!shelf || shelf->empty()) return {std::make_unique_for_overwrite<char[]>(rounded), rounded};
    Block block = std::move(shelf->back());
    shelf->pop_back();
    return block;
  }
  void give_back(Block block) {
    std::vector<Block>* shelf = shelf_of(block.size);
    if (shelf && shelf->size() < kept) shelf->push_back(std::move(block));
  }

 private:
  static constexpr std::size_t kept = 16;
  std::vector<Block>* shelf_of(std::size_t size) {
    return size == small ? &small_ : size == large ? &large_ : nullptr;
  }
  std::vector<Block> small_, large_;
};

// Bytes that were read and not yet used, in one contiguous run of a block on loan.
class Input {
 public:
  explicit Input(Blocks& blocks) : blocks_(blocks) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { drop(); }

  [[nodiscard]] std::string_view view() const { return {data() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void consume(std::size_t n) { begin_ += n; }

  // Free space behind the bytes, at least one byte and some `wanted` when the block is new. Moves the bytes: views
  // are void.
  std::pair<char*, std::size_t> room(std::size_t wanted) {
    if (!block_.bytes) {
      replace(wanted);
    } else if (empty()) {
      begin_ = end_ = 0;
      if (block_.size < wanted && wanted <= Blocks::large) replace(wanted);
    } else if (end_ == block_.size) {
      begin_ >= block_.size / 2 ? compact() : replace(block_.size * 2);
    }
    return {block_.bytes.get() + end_, block_.size - end_};
  }
  void grew(std::size_t n) { end_ += n; }
  // Sees to it that `total` bytes fit in one run, those that are here included. Moves the bytes: views are void.
  void make_room(std::size_t total) {
    if (block_.size - begin_ >= total && block_.bytes) return;
    block_.size >= total ? compact() : replace(total);
  }
  // Gives the block back when next to nothing is in it: the line end behind a chunk stays in a corner of its own.
  // Voids views.
  void rest() {
    if (!block_.bytes || size() > sizeof corner_) return;
    std::memcpy(corner_, data() + begin_, size());
    end_ -= std::exchange(begin_, 0);
    blocks_.give_back(std::exchange(block_, {}));
  }

 private:
  [[nodiscard]] const char* data() const { return block_.bytes ? block_.bytes.get() : corner_; }
  void drop() {
    if (block_.bytes) blocks_.give_back(std::exchange(block_, {}));
  }
  void compact() {
    std::memmove(block_.bytes.get(), block_.bytes.get() + begin_, size());
    end_ -= std::exchange(begin_, 0);
  }
  void replace(std::size_t wanted) {
    Block bigger = blocks_.take(wanted);
    std::memcpy(bigger.bytes.get(), data() + begin_, size());
    drop();
    block_ = std::move(bigger);
    end_ -= std::exchange(begin_, 0);
  }

  Blocks& blocks_;
  Block block_;
  std::size_t begin_ = 0, end_ = 0;
  char corner_[8];  // holds the bytes while there is no block
};

}  // namespace apigw::net
