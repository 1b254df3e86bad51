#include "credential/aws_signature.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "http/target.h"

namespace apigw::credential {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256", end_of_scope = "aws4_request";

using Sum = std::array<std::uint8_t, 32>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hash(std::string_view text) {
  Sum sum{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr);
  return text::hex(sum);
}

Sum keyed(std::string_view key, std::string_view text) {
  Sum sum{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), sum.data(), &size);
  return sum;
}

std::string_view text_of(const Sum& sum) {
  return {reinterpret_cast<const char*>(sum.data()), sum.size()};
}

// "20150830T123600Z".
std::string written_time(std::chrono::system_clock::time_point now) {
  using namespace std::chrono;
  const auto at = floor<seconds>(now);
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string encoded_again(std::string_view path) {
  std::string out;
  for (const std::string_view segment : text::split(path.substr(1), '/'))
    out.append("/").append(http::encode(segment));
  return out;
}

// Each pair encoded anew, by name and then by value.
std::string ordered(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string_view pair : text::split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    pairs.emplace_back(http::encode(http::decode(pair.substr(0, equals))), http::encode(http::decode(value)));
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

}  // namespace

void sign(const AwsKey& key, const Signable& request, std::chrono::system_clock::time_point now,
          http::Headers& headers) {
  const std::string time = written_time(now);
  headers.set("x-amz-date", time);
  if (!key.session_token.empty()) headers.set("x-amz-security-token", key.session_token.expose());
  // In the order of their names, which is that of the signature.
  std::string fields, names;
  const auto add = [&](std::string_view name, std::string_view value) {
    fields += fmt::format("{}:{}\n", name, text::trim(value));
    names.append(names.empty() ? "" : ";").append(name);
  };
  if (const auto type = headers.find("content-type")) add("content-type", *type);
  add("host", request.authority);
  add("x-amz-date", time);
  if (!key.session_token.empty()) add("x-amz-security-token", key.session_token.expose());

  const auto question = std::min(request.target.find('?'), request.target.size());
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, encoded_again(request.target.substr(0, question)),
                  ordered(request.target.substr(std::min(question + 1, request.target.size()))), fields, names,
                  hash(request.body));
  const std::string_view day = std::string_view(time).substr(0, 8);
  const std::string scope = fmt::format("{}/{}/{}/{}", day, key.region, key.service, end_of_scope);
  const std::string signable = fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope, hash(canonical));

  const Secret first("AWS4" + std::string(key.secret.expose()));
  Sum derived = keyed(first.expose(), day);
  for (const std::string_view part : {std::string_view(key.region), std::string_view(key.service), end_of_scope})
    derived = keyed(text_of(derived), part);
  headers.set("authorization",
              fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, key.id.expose(), scope,
                          names, text::hex(keyed(text_of(derived), signable))));
}

std::string_view region_of(std::string_view host) {
  const auto of_aws = [](std::string_view part) { return part == "amazonaws"; };
  const auto labels = text::split(host, '.');
  const auto domain = std::ranges::find_if(labels, of_aws);
  if (domain == labels.end() || domain == labels.begin()) return {};
  auto before = domain - 1;
  if (*before == "vpce" && before != labels.begin()) --before;
  const auto region = [](std::string_view label) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return label.contains('-') && !label.empty() && label.back() >= '0' && label.back() <= '9' &&
           std::ranges::all_of(label, fits);
  };
  return before != labels.begin() && region(*before) ? *before : std::string_view();
}

}  // namespace apigw::credential
