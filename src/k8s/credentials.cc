#include "k8s/credentials.h"

#include <initializer_list>
#include <string_view>

#include "base/try.h"
#include "codec/base64.h"
#include "k8s/internal/file_text.h"
#include "k8s/internal/secret_access.h"

namespace trustee::k8s {
namespace {

using internal::file_text;

// An empty file must not pass for no file: without an authority the system's are trusted.
Result<std::string> public_text(const TextSource& source) {
  if (source.path.empty()) return source.text;
  TRY(std::string text, file_text(source.path));
  if (text.empty()) return Error(Errc::credentials_unreadable, source.path + ": empty");
  return text;
}

Result<SecretText> secret_text(const SecretSource& source) {
  if (source.path.empty()) return source.text.duplicate();
  return internal::secret_file_line(source.path);
}

/// In one buffer of the right size, so that no piece of it stays behind.
SecretText joined(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) {
    size += piece.size();
  }
  std::string out;
  out.reserve(size);
  for (const std::string_view piece : pieces) {
    out += piece;
  }
  return SecretText(std::move(out));
}

}  // namespace

Credentials::Credentials(Access access, const Clock& clock)
    : access_(std::move(access)), clock_(clock) {}

Result<SecretText> Credentials::read_token() const { return secret_text(access_.token); }

Result<std::shared_ptr<const TlsMaterial>> Credentials::read_tls() const {
  auto out = std::make_shared<TlsMaterial>();
  TRY(out->authority, public_text(access_.authority));
  TRY(out->certificate, public_text(access_.certificate));
  TRY(out->key, secret_text(access_.key));
  out->server_name = access_.server_name;
  out->insecure = access_.insecure;
  return std::shared_ptr<const TlsMaterial>(std::move(out));
}

Result<std::unique_ptr<Credentials>> Credentials::create(Access access, const Clock& clock) {
  std::unique_ptr<Credentials> out(new Credentials(std::move(access), clock));
  const MutexLock lock(out->mutex_);
  TRY(out->token_, out->read_token());
  TRY(out->tls_, out->read_tls());
  out->token_read_ = clock.now();
  return out;
}

SecretText Credentials::authorization() {
  const MutexLock lock(mutex_);
  const Time now = clock_.now();
  if (!access_.token.path.empty() && now - token_read_ >= kTokenAge) {
    if (auto token = read_token(); token.ok()) token_ = std::move(*token);
    token_read_ = now;
  }
  return header();
}

SecretText Credentials::header() const {
  if (!token_.empty()) {
    return joined({"Authorization: Bearer ", SecretAccessForCluster::text(token_)});
  }
  if (access_.user.empty()) return {};
  const SecretText pair =
      joined({access_.user, ":", SecretAccessForCluster::text(access_.password)});
  const SecretText coded(
      codec::base64_encode(as_bytes(std::string_view(SecretAccessForCluster::text(pair)))));
  return joined({"Authorization: Basic ", SecretAccessForCluster::text(coded)});
}

bool Credentials::renew_token(const SecretText& refused) {
  const MutexLock lock(mutex_);
  if (auto token = read_token(); token.ok()) {
    token_ = std::move(*token);
    token_read_ = clock_.now();
  }
  return !equal_ct(header(), refused);
}

std::shared_ptr<const TlsMaterial> Credentials::tls() const {
  const MutexLock lock(mutex_);
  return tls_;
}

bool Credentials::renew_tls(const std::shared_ptr<const TlsMaterial>& used) {
  const MutexLock lock(mutex_);
  if (tls_ != used) return true;
  auto tls = read_tls();
  if (!tls.ok()) return false;
  const TlsMaterial& now = **tls;
  if (now.authority == used->authority && now.certificate == used->certificate &&
      equal_ct(now.key, used->key)) {
    return false;
  }
  tls_ = std::move(*tls);
  return true;
}

}  // namespace trustee::k8s
