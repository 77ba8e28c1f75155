#pragma once

#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/x509.h"
#include "jose/jwk.h"

namespace trustee::jose {

/// Checks that trusted certificates vouch for a key that came inside a token: the first certificate
/// of `x5c` is of this key, and it chains over the others, in any order, to a self-signed
/// certificate among `trusted` at time `now`. Only RSA and P-256 keys can be endorsed. Shape   each
/// x5c entry is base64 of DER, standard with padding or URL-safe without; line breaks are
///         ignored.
/// Errors  no_trusted_certificates, endorsement_key_type, endorsement_missing,
/// endorsement_malformed,
///         endorsement_key_mismatch; crypto::chain_broken, certificate_expired,
///         certificate_not_yet_valid, not_a_ca.
/// Source  kbs.md 6.3.   Cost  milliseconds: certificates are parsed and a chain is built; keep the
///         outcome no longer than the certificates and the trust list last.
Result<void> endorse_header_jwk(const Jwk& jwk, std::span<const crypto::Certificate> trusted,
                                Time now);

}  // namespace trustee::jose
