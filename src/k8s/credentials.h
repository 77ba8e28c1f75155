#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "k8s/access.h"

namespace trustee::k8s {

/// A token is read anew after this time; service account tokens are replaced within the hour.
inline constexpr std::chrono::seconds kTokenAge{60};

/// What a TLS connection to the API server is made with. Immutable.
struct TlsMaterial {
  std::string authority;    ///< PEM; empty for the system's
  std::string certificate;  ///< PEM, ours; empty for none
  SecretText key;
  std::string server_name;
  bool insecure = false;
};

/// The credentials of an Access as they are now: files are read again when they may have been
/// replaced. Any thread.
/// Source  operator.md section 11.1.
class Credentials {
 public:
  /// Reads all files once. Lifetime: `clock` outlives it. Errors: credentials_unreadable.
  static Result<std::unique_ptr<Credentials>> create(Access access, const Clock& clock);

  const Access& access() const { return access_; }
  /// The field `Authorization: …`, empty without token and user. A token file older than kTokenAge
  /// is read again; while it cannot be read, the token before stays.
  SecretText authorization();
  /// After a 401 to `refused`, an answer of authorization(): reads the token now.
  /// Shape  whether authorization() is another one than `refused` by now.
  bool renew_token(const SecretText& refused);
  std::shared_ptr<const TlsMaterial> tls() const;
  /// After a TLS failure with `used` or a 401 to its certificate: reads certificates and key now.
  /// Shape  whether tls() is another one than `used` by now.
  bool renew_tls(const std::shared_ptr<const TlsMaterial>& used);

 private:
  Credentials(Access access, const Clock& clock);
  Result<SecretText> read_token() const;
  SecretText header() const TRUSTEE_REQUIRES(mutex_);
  Result<std::shared_ptr<const TlsMaterial>> read_tls() const;

  const Access access_;
  const Clock& clock_;
  mutable Mutex mutex_;
  SecretText token_ TRUSTEE_GUARDED_BY(mutex_);
  Time token_read_ TRUSTEE_GUARDED_BY(mutex_);
  std::shared_ptr<const TlsMaterial> tls_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::k8s
