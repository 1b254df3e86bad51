#include "gateway/request_ids.h"

#include <algorithm>
#include <random>

namespace apigw::gateway {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool hex_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'f');
}

void write_hex(std::uint64_t value, char* out) {
  for (int i = 15; i >= 0; --i, value >>= 4) out[i] = "0123456789abcdef"[value & 15];
}

std::uint64_t from_system() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

bool usable_request_id(std::string_view id) {
  const auto plain = [](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, plain);
}

bool usable_traceparent(std::string_view value) {
  if (value.size() != 55 || !value.starts_with("00-") || value[35] != '-' || value[52] != '-') return false;
  const auto part = [&](std::size_t begin, std::size_t size) {
    const auto text = value.substr(begin, size);
    return std::ranges::all_of(text, hex_digit) && text.find_first_not_of('0') != std::string_view::npos;
  };
  return part(3, 32) && part(36, 16) && hex_digit(value[53]) && hex_digit(value[54]);
}

std::string_view client_request_id(const http::Headers& headers) {
  const std::string_view id = headers.find("x-request-id").value_or("");
  return usable_request_id(id) ? id : std::string_view();
}

std::string_view client_traceparent(const http::Headers& headers) {
  const std::string_view parent = headers.find("traceparent").value_or("");
  return usable_traceparent(parent) ? parent : std::string_view();
}

IdSource::IdSource() : state_{from_system(), from_system() | 1} {}

// xoroshiro128+ (public domain, Blackman and Vigna).
std::uint64_t IdSource::next() {
  const auto turn = [](std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); };
  const std::uint64_t a = state_[0];
  std::uint64_t b = state_[1];
  const std::uint64_t result = a + b;
  b ^= a;
  state_[0] = turn(a, 24) ^ b ^ (b << 16);
  state_[1] = turn(b, 37);
  return result;
}

IdSource::RequestId IdSource::request_id() {
  RequestId id;
  write_hex(next(), id.data());
  write_hex(next(), id.data() + 16);
  return id;
}

IdSource::Traceparent IdSource::traceparent() {
  Traceparent out;
  out[0] = out[1] = '0';
  out[2] = out[35] = out[52] = '-';
  write_hex(next(), out.data() + 3);
  write_hex(next(), out.data() + 19);
  write_hex(next() | 1, out.data() + 36);
  out[53] = '0';
  out[54] = '1';
  return out;
}

}  // namespace apigw::gateway
