#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "jose/jwk.h"

namespace trustee::jose {

inline constexpr std::size_t kMaxJwkSetText = 1024 * 1024;  ///< bytes
inline constexpr std::size_t kMaxJwkSetKeys = 256;          ///< entries, understood or not

/// The keys of an issuer, RFC 7517 section 5. A key that is not understood is left out and counted:
/// one odd key must not make its neighbours unusable (kbs.md W35).
class JwkSet {
 public:
  /// Errors  jwk_set_malformed (not JSON, no `keys` array), jwk_set_too_large.
  static Result<JwkSet> parse(std::string_view text);
  JwkSet() = default;  ///< of no keys

  /// The first key with this `kid`, or null.
  const Jwk* find(std::string_view kid) const;
  /// In their order. Lifetime: until the next change, as of the two around it.
  const std::vector<Jwk>& keys() const { return keys_; }
  /// Why entries were left out, in their order; for the administrator's log.
  const std::vector<Error>& skipped() const { return skipped_; }
  /// Adds the keys of another set behind these; on equal `kid`s the earlier one is found.
  void append(JwkSet other);

 private:
  std::vector<Jwk> keys_;
  std::vector<Error> skipped_;
};

}  // namespace trustee::jose
