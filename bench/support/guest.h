#pragma once

#include <string>
#include <string_view>

#include "crypto/key.h"

namespace trustee::bench {

/// A guest of the sample TEE that costs next to nothing: its messages are put together as text, in
/// the canonical form that evidence is bound to.
class Guest {
 public:
  Guest();

  /// The Request that opens a handshake.
  static std::string request();
  /// The Attestation that answers `challenge`, the body of the reply to the Request.
  std::string attestation(std::string_view challenge) const;
  /// `kbs-session-id=…`, from the value of a `set-cookie` field.
  static std::string cookie(std::string_view set_cookie);
  /// The token in the reply to the Attestation.
  static std::string token(std::string_view reply);

  crypto::PublicKey key() const { return key_.public_key(); }

 private:
  crypto::PrivateKey key_;
  std::string jwk_;  ///< canonical
};

}  // namespace trustee::bench
