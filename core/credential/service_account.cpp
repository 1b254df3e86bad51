#include "credential/service_account.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/json.h"
#include "base/text.h"
#include "http/target.h"

namespace apigw::credential {

namespace {

constexpr std::string_view scope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::chrono::seconds good_for{3'600};  // the most that is allowed
constexpr int least_bits = 2'048;
constexpr json::Limits limits{.depth = 8, .members = 64, .string_bytes = 64u << 10};

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};

std::string string_in(std::string_view text, const json::Document& fields, std::string_view name) {
  const json::Member* member = fields.find(name);
  return member == nullptr ? std::string() : json::string_at(text, member->value).value_or(std::string());
}

std::unexpected<Error> no_account(std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("it is no usable key of a service account: {}", why));
}

// https anywhere, http on this machine alone: a token must not travel in the open.
bool safe(std::string_view origin) {
  if (origin.starts_with("https://")) return origin.size() > 8;
  constexpr std::string_view loopback[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
  return std::ranges::any_of(loopback, [&](std::string_view begin) {
    return origin.starts_with(begin) && (origin.size() == begin.size() || origin[begin.size()] == ':');
  });
}

std::unique_ptr<EVP_PKEY, FreeKey> key_of(const Secret& pem) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.expose().size())));
  // A key behind a passphrase is none: nobody is asked for one.
  const auto no_phrase = [](char*, int, int, void*) { return -1; };
  return std::unique_ptr<EVP_PKEY, FreeKey>(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_phrase, nullptr)
                                                : nullptr);
}

}  // namespace

struct ServiceAccount::Key {
  std::unique_ptr<EVP_PKEY, FreeKey> pkey;
};

ServiceAccount::ServiceAccount() : key_(std::make_unique<Key>()) {}
ServiceAccount::ServiceAccount(ServiceAccount&&) noexcept = default;
ServiceAccount& ServiceAccount::operator=(ServiceAccount&&) noexcept = default;
ServiceAccount::~ServiceAccount() = default;

bool is_account(const Secret& key) {
  return text::trim(key.expose()).starts_with('{');
}

Result<ServiceAccount> ServiceAccount::read(const Secret& content) {
  const std::string_view text = content.expose();
  const auto fields = json::scan(text, limits);
  if (!fields) return no_account("it is no JSON");
  const std::string type = string_in(text, *fields, "type");
  if (type != "service_account")
    return no_account(type.empty() ? "it has no type" : fmt::format("its type is '{}'", text::printable(type, 40)));
  ServiceAccount account;
  account.email_ = string_in(text, *fields, "client_email");
  account.key_id_ = string_in(text, *fields, "private_key_id");
  account.audience_ = string_in(text, *fields, "token_uri");
  if (account.email_.empty()) return no_account("it has no client_email");
  const auto scheme = account.audience_.find("://");
  const auto slash = scheme == std::string::npos ? scheme : account.audience_.find('/', scheme + 3);
  account.origin_ = account.audience_.substr(0, slash);
  account.path_ = slash == std::string::npos ? "/" : account.audience_.substr(slash);
  const bool plain = std::ranges::all_of(account.audience_, [](char c) { return c > ' ' && c < 0x7f && c != '@'; });
  if (!safe(account.origin_) || !plain) return no_account("its token_uri is no https address");
  account.key_->pkey = key_of(Secret(string_in(text, *fields, "private_key")));
  const EVP_PKEY* const key = account.key_->pkey.get();
  if (key == nullptr || EVP_PKEY_base_id(key) != EVP_PKEY_RSA) return no_account("its private_key is no RSA key");
  if (EVP_PKEY_bits(key) < least_bits) return no_account("its private_key has fewer than 2048 bits");
  return account;
}

Result<Secret> ServiceAccount::asks(std::chrono::system_clock::time_point now) const {
  const auto from = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  const std::string id = key_id_.empty() ? "" : fmt::format(R"(,"kid":{})", json::quote(key_id_));
  const std::string head = fmt::format(R"({{"alg":"RS256","typ":"JWT"{}}})", id);
  const std::string claims =
      fmt::format(R"({{"iss":{},"scope":"{}","aud":{},"iat":{},"exp":{}}})", json::quote(email_), scope,
                  json::quote(audience_), from.count(), (from + good_for).count());
  const std::string said = fmt::format("{}.{}", text::base64url(head), text::base64url(claims));
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(said.data());
  std::string signature;
  const bool begun = digest &&
                     EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_->pkey.get()) == 1 &&
                     EVP_DigestSign(digest.get(), nullptr, &size, bytes, said.size()) == 1;
  if (begun) signature.resize(size);
  if (!begun || EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                               said.size()) != 1)
    return fail(ErrorKind::internal, "the service account's key did not sign");
  signature.resize(size);
  return Secret(fmt::format("grant_type={}&assertion={}.{}", http::encode(grant), said, text::base64url(signature)));
}

Result<Token> read_token(int status, std::string_view body, std::chrono::system_clock::time_point now) {
  constexpr std::size_t most_words = 200;
  constexpr std::uint64_t usual = 3'600, most = 24 * 3'600;  // seconds
  const auto fields = json::scan(body, limits);
  if (status < 200 || status > 299 || !fields) {
    std::string words;
    if (fields) {
      const std::string error = string_in(body, *fields, "error"),
                        more = string_in(body, *fields, "error_description");
      words = fmt::format("{}{}{}", error, error.empty() || more.empty() ? "" : ": ", more);
    }
    return fail(ErrorKind::protocol, fmt::format("the token endpoint answered {}{}{}", status,
                                                 words.empty() ? "" : ", ", text::printable(words, most_words)));
  }
  std::string value = string_in(body, *fields, "access_token");
  const bool plain = std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7f; });
  if (value.empty() || !plain) return fail(ErrorKind::protocol, "the token endpoint gave no token");
  const json::Member* lasts = fields->find("expires_in");
  const auto seconds = lasts == nullptr ? std::nullopt : json::number_at(body, lasts->value);
  return Token{.value = Secret(std::move(value)),
               .until = now + std::chrono::seconds(std::min(seconds.value_or(usual), most))};
}

}  // namespace apigw::credential
