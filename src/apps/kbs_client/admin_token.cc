#include "apps/kbs_client/admin_token.h"

#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "base/try.h"
#include "codec/blank.h"
#include "codec/json.h"
#include "jose/algorithm.h"
#include "jose/signer.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

constexpr const char* kComposeToken = "kbs/config/docker-compose/admin-token";
constexpr std::int64_t kOldClientLife = 7200;

Result<client::AdminToken> from_file(const std::string& path) {
  TRY(const std::string text, reload::read_file(path));
  return client::AdminToken(std::string(codec::trimmed(text, codec::kBlankOrLineEnd)));
}

crypto::SignatureScheme scheme_of(const crypto::PrivateKey& key) {
  switch (key.type()) {
    case crypto::KeyType::ec:
      return crypto::SignatureScheme::es256;
    case crypto::KeyType::rsa:
      return crypto::SignatureScheme::rs256;
    case crypto::KeyType::ed25519:
      break;
  }
  return crypto::SignatureScheme::eddsa;
}

Result<std::string> mint(const std::string& key_file, const ClientOptions& o, std::int64_t life) {
  TRY(const SecretText pem, reload::read_secret_file(key_file));
  TRY(crypto::PrivateKey key, crypto::PrivateKey::from_pem(pem));
  const auto scheme = scheme_of(key);
  json::Object header;
  header.append("alg", jose::to_string(scheme));
  header.append("typ", "JWT");
  const std::int64_t now = unix_seconds(SystemClock().now());
  json::Object claims;
  if (o.issuer) claims.append("iss", *o.issuer);
  if (o.audience) claims.append("aud", json::Array{json::Value(*o.audience)});
  claims.append("role", o.role);
  claims.append("iat", now);
  claims.append("exp", now + life);
  TRY(const jose::Signer signer,
      jose::Signer::create(std::move(key), scheme, json::write(std::move(header))));
  return signer.sign(as_bytes(json::write(std::move(claims))));
}

// A file that is merely not there is no find; any other trouble is an error.
Result<client::AdminToken> found_token(const log::Logger& logger) {
  if (auto token = from_file(kComposeToken); token.ok()) return token;
  logger.debug("no admin token in the compose directory");
  const char* home = std::getenv("HOME");
  if (home == nullptr) return client::AdminToken();
  const std::string path = std::string(home) + "/.trustee/admin-token";
  if (std::FILE* f = std::fopen(path.c_str(), "r"); f != nullptr) {
    std::fclose(f);
  } else if (errno == ENOENT || errno == ENOTDIR) {
    return client::AdminToken();
  }
  return from_file(path);
}

}  // namespace

Result<client::AdminToken> admin_token_for(const ClientOptions& o, bool private_channel,
                                           const log::Logger& logger) {
  if (o.admin_token_file) return from_file(*o.admin_token_file);
  if (o.auth_private_key) {
    TRY(std::string token, mint(*o.auth_private_key, o, kOldClientLife));
    return client::AdminToken(std::move(token));
  }
  TRY(client::AdminToken token, found_token(logger));
  if (token && !private_channel) {
    logger.warn(
        "an admin token was found but is not sent to another machine over plain HTTP; "
        "name it with --admin-token-file to send it");
    token.reset();
  }
  if (!token) {
    logger.warn(
        "no admin token: the request is anonymous and works only where authorization_mode "
        "is InsecureAllowAll");
  }
  return token;
}

Result<std::string> mint_admin_token(const ClientOptions& o) {
  return mint(o.key_file, o, o.ttl_seconds);
}

}  // namespace trustee::apps
