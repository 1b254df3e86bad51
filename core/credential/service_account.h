// A key of a Google service account: from its file to the request for an access token, and from the reply to the
// token.
//
// The key signs a statement of who asks (a JSON web token, RS256); the token endpoint gives a token for it that is
// good for an hour. Pure: the clock is the caller's, and who asks over the network is elsewhere.
// Source: Google, "Using OAuth 2.0 for Server to Server Applications"; RFC 7523.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace apigw::credential {

// Whether a provider's key is such a file's content rather than a token.
[[nodiscard]] bool is_account(const Secret& key);

struct Token {
  Secret value;
  std::chrono::system_clock::time_point until;  // not to be used from then on
};

class ServiceAccount {
 public:
  // Of the file's content. Error invalid: it is no such file, its private key is none of RSA with 2048 bits or more,
  // or its token_uri is neither https nor http on loopback. No error holds anything of the key.
  [[nodiscard]] static Result<ServiceAccount> read(const Secret& content);
  ServiceAccount(ServiceAccount&&) noexcept;
  ServiceAccount& operator=(ServiceAccount&&) noexcept;
  ~ServiceAccount();

  [[nodiscard]] const std::string& email() const { return email_; }
  // Where the token is asked for: "https://oauth2.googleapis.com" and "/token".
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // The form (application/x-www-form-urlencoded) that asks for a token, good from `now` on for an hour. Error
  // internal: the key did not sign.
  [[nodiscard]] Result<Secret> asks(std::chrono::system_clock::time_point now) const;

 private:
  struct Key;
  ServiceAccount();
  std::string email_, key_id_, audience_, origin_, path_;
  std::unique_ptr<Key> key_;
};

// The token of a reply that came at `now`. Error protocol: the status is no success, or there is none; `what` holds
// the endpoint's own words for it ("invalid_grant: Invalid JWT Signature.") and never a token.
[[nodiscard]] Result<Token> read_token(int status, std::string_view body, std::chrono::system_clock::time_point now);

}  // namespace apigw::credential
