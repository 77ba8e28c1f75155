#pragma once

#include <cstdint>
#include <memory>

#include "amd/product.h"
#include "amd/roots.h"
#include "amd/vek.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "claims/verified.h"
#include "crypto/key.h"
#include "crypto/x509.h"

namespace trustee::amd {

/// An endorsement chain as it was presented: DER, or PEM where the bytes start with its marker.
/// Lifetime: views, for the call.
struct PresentedChain {
  Product product = Product::milan;
  VekKind label = VekKind::vcek;  ///< what the presenter says the VEK is; chooses ASK or ASVK
  Bytes vek;
  Bytes ask;  ///< replaces the embedded ASK or ASVK; empty: none was presented
  Bytes ark;  ///< must be signed by the embedded ARK; empty: none was presented
};

/// An endorsement key that chains to an embedded ARK, with what its certificate says.
struct Vek {
  crypto::Certificate certificate;
  crypto::Certificate issuer;  ///< the ASK or ASVK that signed it
  crypto::PublicKey key;       ///< P-384
  Product product;
  VekKind kind;
  VekExtensions extensions;
  Time not_before;  ///< latest start of validity in the chain
  Time not_after;   ///< earliest end of validity in the chain
};
using VerifiedVek = std::shared_ptr<const claims::Verified<Vek>>;

/// Checks the signatures from the VEK to the embedded ARK, that issuers are authorities, the key's
/// type, the extensions, that the certificate is of the kind and product it was presented as.
/// Validity dates and revocation are separate rules, as they depend on time and policy.
/// Errors  certificate_malformed, ark_not_trusted, chain_not_trusted, vek_*.
/// Source  verifiers specification 4.4 step 4.      Cost  3 or 4 RSA-4096 verifications.
Result<VerifiedVek> verify_vek_chain(const PresentedChain& chain, const Roots& roots);

/// Whether certificates past their dates are refused.
enum class ValidityDates : std::uint8_t { enforced, ignored };
/// Errors  vek_not_yet_valid, vek_expired.
Result<void> check_dates(const Vek& vek, Time t, ValidityDates policy);

/// A certificate from DER, or from PEM when the bytes start with its marker.
/// Errors  certificate_malformed.
Result<crypto::Certificate> parse_der_or_pem(Bytes data);

}  // namespace trustee::amd
