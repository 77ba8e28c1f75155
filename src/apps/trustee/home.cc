#include "apps/trustee/home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

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

Result<void> write_all(int fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return trouble(path);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return trouble(path);
  return {};
}

// The content in a file of its own, mode 0600, on its way to `path`: what stands there is whole,
// whenever the process dies. Returns the file's path.
Result<std::string> write_beside(const std::string& path, std::string_view content) {
  std::string next = path + ".next";
  ::unlink(next.c_str());  // a dead process left it
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return trouble(next);
  auto written = write_all(fd, next, content);
  ::close(fd);
  if (written.ok()) return next;
  ::unlink(next.c_str());
  return std::move(written).error();
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

bool is_worn(const std::string& token_path, std::int64_t now) {
  const auto token = reload::read_file(token_path);
  if (!token.ok()) return true;
  const auto validity = jose::unverified_validity(*token);
  return !validity.ok() || validity->expiry.value_or(0) < now + kTokenReserve;
}

Result<void> write_public_half(const std::string& key_path, const std::string& path) {
  TRY(const SecretText pem, reload::read_secret_file(key_path));
  TRY(const crypto::PrivateKey key, crypto::PrivateKey::from_pem(pem));
  return replace_private_file(path, public_pem(key.public_key()));
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
  const std::int64_t now = unix_seconds(SystemClock().now());
  if (!exists(admin_key())) TRY_VOID(generate_key_pair(admin_key()));
  if (!exists(admin_public_key())) TRY_VOID(write_public_half(admin_key(), admin_public_key()));
  if (is_worn(admin_token(), now)) {
    TRY(const std::string token, sign_admin_token(admin_key(), now));
    TRY_VOID(replace_private_file(admin_token(), token));
  }
  if (!exists(token_key())) TRY_VOID(make_signing_key(token_key()));
  return {};
}

Result<void> create_private_file(const std::string& path, std::string_view content) {
  TRY(const std::string next, write_beside(path, content));
  const bool linked = ::link(next.c_str(), path.c_str()) == 0;  // never over another file
  const Error why = trouble(path);
  ::unlink(next.c_str());
  if (!linked) return why;
  return {};
}

Result<void> replace_private_file(const std::string& path, std::string_view content) {
  TRY(const std::string next, write_beside(path, content));
  if (::rename(next.c_str(), path.c_str()) != 0) return trouble(path);
  return {};
}

Result<void> generate_key_pair(const std::string& path) {
  TRY(const crypto::PrivateKey key, crypto::PrivateKey::generate_ed25519());
  const SecretText pem = key.to_pem();
  TRY_VOID(create_private_file(path, pem.reveal(SecretAccessForKeyFiles::key())));
  return replace_private_file(with_pub_extension(path), public_pem(key.public_key()));
}

}  // namespace trustee::apps
