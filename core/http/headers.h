// Header fields in order of arrival, names in lower case, in one buffer that is reused from message to message.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::http {

class Headers {
 public:
  struct Field {
    std::string_view name;   // lower case
    std::string_view value;  // without blanks around it
  };

  void add(std::string_view name, std::string_view value);  // lowers the name
  void set(std::string_view name, std::string_view value);  // removes every other of that name first
  void remove(std::string_view name);                       // `name` in lower case
  void clear();

  // The first value of `name` (lower case), or nothing.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] Field operator[](std::size_t i) const;  // views are valid until the next change

  class Iterator {
   public:
    Iterator(const Headers* headers, std::size_t i) : headers_(headers), i_(i) {}
    Field operator*() const { return (*headers_)[i_]; }
    Iterator& operator++() {
      ++i_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Headers* headers_;
    std::size_t i_;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, fields_.size()}; }

 private:
  struct Place {
    std::uint32_t name, value;  // offsets into bytes_
    std::uint32_t name_size, value_size;
  };
  std::string bytes_;
  std::vector<Place> fields_;
};

}  // namespace apigw::http
