#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/errors.h"
#include "net/tls.h"

namespace trustee::net {

/// A certificate for `localhost` with a fresh P-256 key, kept in memory only, for an endpoint whose
/// callers do not check it. A TlsConfig names its files while this object lives.
class SelfSigned {
 public:
  /// Valid for a year from `now`. Errors: tls_library.
  static Result<std::unique_ptr<SelfSigned>> create(Time now);
  ~SelfSigned();  ///< certificate and key are gone then
  SelfSigned(const SelfSigned&) = delete;
  SelfSigned& operator=(const SelfSigned&) = delete;

  /// Everything else as TlsConfig has it. Lifetime: its file names are good as long as this object.
  TlsConfig config() const;

 private:
  SelfSigned(int certificate, int key) : certificate_(certificate), key_(key) {}

  int certificate_;  ///< memory files
  int key_;
};

}  // namespace trustee::net
