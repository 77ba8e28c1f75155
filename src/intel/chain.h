#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "claims/verified.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "intel/collateral.h"
#include "intel/pck.h"
#include "intel/root.h"

namespace trustee::intel {

/// Whether an issuer vouches for a certificate: its name and its signature, and that it is an
/// authority. Errors: pck_chain_not_trusted.
Result<void> check_issued_by(const crypto::Certificate& subject, const crypto::Certificate& issuer);

/// Whether `root` is self-signed with the anchor's key and carries the anchor's name.
/// Errors  pck_chain_not_trusted.
Result<void> check_is_root(const crypto::Certificate& root, const RootKey& anchor);

/// The dates of one certificate as a lifespan.
Lifespan lifespan_of(const crypto::Certificate& certificate);

/// A platform's PCK certificate with all that its chain says. Made by verify_pck_chain alone.
struct PckChain {
  crypto::Certificate leaf;
  crypto::Certificate intermediate;
  crypto::Certificate root;
  crypto::PublicKey key;  ///< the leaf's, P-256: it signs reports of quoting enclaves
  PckCa ca = PckCa::platform;
  PckExtension extension;
  Lifespan lifespan;
};
using VerifiedPckChain = std::shared_ptr<const claims::Verified<PckChain>>;

/// Checks the chain of a quote: exactly three PEM certificates (leaf, intermediate, root), names,
/// signatures, the anchor's key, the extensions that Intel's profile demands, and reads the SGX
/// extension. Dates and revocation are separate, as they depend on time and collateral.
/// Errors  pck_chain_*, pck_ca_unknown, pck_extension_malformed, pck_key_unsupported.
/// Source  verifiers specification 5.2 and 5.5 C, D.      Cost  3 P-256 verifications.
Result<VerifiedPckChain> verify_pck_chain(std::string_view pem, const RootKey& anchor);

/// The certificates of a PEM text of leaf, intermediate and root; nothing is verified.
/// Errors  pck_chain_size, pck_chain_malformed.
Result<std::vector<crypto::Certificate>> read_pck_chain(std::string_view pem);

}  // namespace trustee::intel
