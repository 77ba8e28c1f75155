#include "apps/trustee/home.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "apps/trustee/private_file.h"
#include "apps/trustee/secret_access.h"
#include "base/clock.h"
#include "base/try.h"
#include "codec/json.h"
#include "codec/pem.h"
#include "crypto/key.h"
#include "jose/jwt.h"
#include "jose/signer.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

constexpr std::int64_t kTokenLife = 30 * 86400;
constexpr std::int64_t kTokenReserve = 86400;

Error trouble(const std::string& path) {
  return Error(reload::Errc::file_unreadable, path + ": " + std::strerror(errno));
}

bool exists(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0;
}

std::string public_pem(const crypto::PublicKey& key) {
  return codec::pem_write("PUBLIC KEY", key.spki());
}

std::string with_pub_extension(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.rfind('.');
  const bool has_extension =
      dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return path.substr(0, has_extension ? dot : path.size()) + ".pub";
}

Result<std::string> sign_admin_token(const std::string& key_path, std::int64_t now) {
  TRY(const SecretText pem, reload::read_secret_file(key_path));
  TRY(crypto::PrivateKey key, crypto::PrivateKey::from_pem(pem));
  TRY(const jose::Signer signer,
      jose::Signer::create(std::move(key), crypto::SignatureScheme::eddsa,
                           R"({"alg":"EdDSA","typ":"JWT"})"));
  json::Object claims;
  claims.append("iss", "trustee");
  claims.append("sub", "admin");
  claims.append("aud", json::Array{json::Value("kbs")});
  claims.append("role", "admin");
  claims.append("iat", now);
  claims.append("exp", now + kTokenLife);
  return signer.sign(as_bytes(json::write(std::move(claims))));
}

/// Whether a token is missing, is not one that the server would take by this key, or ends soon.
bool is_worn(const std::string& token_path, const crypto::PublicKey& key, Time now) {
  const auto text = reload::read_file(token_path);
  if (!text.ok()) return true;
  const auto token = jose::UnverifiedToken::parse(*text);
  if (!token.ok()) return true;
  const auto claims = token->verify(key, token->header().scheme, now);
  return !claims.ok() || unix_seconds(claims->expiry()) < unix_seconds(now) + kTokenReserve;
}

Result<void> write_public_half(const std::string& key_path, const std::string& path) {
  TRY(const SecretText pem, reload::read_secret_file(key_path));
  TRY(const crypto::PrivateKey key, crypto::PrivateKey::from_pem(pem));
  return replace_private_file(path, public_pem(key.public_key()));
}

// A public half without its private one is of a key that has gone.
Result<void> make_admin_keys(const Home& home) {
  if (::unlink(home.admin_public_key().c_str()) != 0 && errno != ENOENT) {
    return trouble(home.admin_public_key());
  }
  return generate_key_pair(home.admin_key());
}

Result<void> renew_token(const Home& home, Time now) {
  TRY(const std::string pem, reload::read_file(home.admin_public_key()));
  TRY(const crypto::PublicKey key, crypto::PublicKey::from_pem(pem));
  if (!is_worn(home.admin_token(), key, now)) return {};
  TRY(const std::string token, sign_admin_token(home.admin_key(), unix_seconds(now)));
  return replace_private_file(home.admin_token(), token);
}

Result<void> make_signing_key(const std::string& path) {
  TRY(const crypto::PrivateKey key, crypto::PrivateKey::generate_ec(crypto::Curve::p256));
  const SecretText pem = key.to_pem();
  return create_private_file(path, pem.reveal(SecretAccessForKeyFiles::key()));
}

}  // namespace

std::string Home::default_path() {
  if (const char* home = std::getenv("TRUSTEE_HOME"); home != nullptr && *home != '\0') return home;
  if (::geteuid() == 0) return "/opt/confidential-containers";
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.trustee";
}

Result<Home> Home::open(std::string path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return trouble(path);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return trouble(path);
  if (!S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return trouble(path);
  }
  return Home(std::move(path));
}

Result<void> Home::prepare() const {
  if (!exists(admin_key())) TRY_VOID(make_admin_keys(*this));
  if (!exists(admin_public_key())) TRY_VOID(write_public_half(admin_key(), admin_public_key()));
  TRY_VOID(renew_token(*this, SystemClock().now()));
  if (!exists(token_key())) TRY_VOID(make_signing_key(token_key()));
  return {};
}

Result<std::string> existing_store(const std::string& home_path) {
  std::string path = home_path + "/" + std::string(Home::kStore);
  if (!exists(path)) {
    return Error(reload::Errc::file_unreadable,
                 path + " does not exist: there is no store in this home directory");
  }
  return path;
}

Result<void> generate_key_pair(const std::string& path) {
  const std::string public_path = with_pub_extension(path);
  if (public_path == path) {
    return Error(reload::Errc::material_invalid,
                 path + " is the name of a public half; the private key needs another extension");
  }
  TRY(const crypto::PrivateKey key, crypto::PrivateKey::generate_ed25519());
  const SecretText pem = key.to_pem();
  TRY_VOID(create_private_file(path, pem.reveal(SecretAccessForKeyFiles::key())));
  auto written = create_private_file(public_path, public_pem(key.public_key()));
  if (!written.ok()) ::unlink(path.c_str());
  return written;
}

}  // namespace trustee::apps
