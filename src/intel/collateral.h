#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "claims/verified.h"
#include "crypto/x509.h"
#include "intel/needs.h"
#include "intel/qe_identity.h"
#include "intel/root.h"
#include "intel/tcb_info.h"

namespace trustee::intel {

/// The documents for one CollateralRequest, as PCS or a PCCS serves them.
/// Shape  issuer chains are PEM text, URL decoding done; a revocation list is DER, PEM, or the DER
///        in hex, as services differ.
struct CollateralDocuments {
  std::string tcb_info;  ///< `{"tcbInfo":{…},"signature":"…"}`, exactly as received
  std::string tcb_info_issuer_chain;
  std::string qe_identity;  ///< `{"enclaveIdentity":{…},"signature":"…"}`, exactly as received
  std::string qe_identity_issuer_chain;
  ByteVec pck_crl;
  std::string pck_crl_issuer_chain;
  ByteVec root_ca_crl;
};

/// When something was issued and when it ends, over all its parts (documents, lists, certificates).
struct Lifespan {
  Time earliest_issue;
  Time latest_issue;
  Time earliest_expiration;
  friend bool operator==(const Lifespan&, const Lifespan&) = default;
};
Lifespan merged(const Lifespan& a, const Lifespan& b);

/// Who vouches for a document: its signer, issued by a root with the anchor's key.
struct IssuerChain {
  crypto::Certificate signer;
  crypto::Certificate root;
};

// One document each, verified: signature over the received bytes, chain to the anchor, form. Dates
// and revocation are separate, as they depend on time and on the root's list.

struct SignedTcbInfo {
  TcbInfo body;
  IssuerChain chain;
  Lifespan lifespan;
};
struct SignedQeIdentity {
  QeIdentity body;
  IssuerChain chain;
  Lifespan lifespan;
};
/// The list of one PCK CA; the chain's signer is that CA.
struct SignedPckCrl {
  crypto::Crl crl;
  std::uint32_t number = 0;
  PckCa ca = PckCa::platform;
  IssuerChain chain;
  Lifespan lifespan;
};
struct SignedRootCrl {
  crypto::Crl crl;
  std::uint32_t number = 0;
  Lifespan lifespan;
};
using VerifiedTcbInfo = std::shared_ptr<const claims::Verified<SignedTcbInfo>>;
using VerifiedQeIdentity = std::shared_ptr<const claims::Verified<SignedQeIdentity>>;
using VerifiedPckCrl = std::shared_ptr<const claims::Verified<SignedPckCrl>>;
using VerifiedRootCrl = std::shared_ptr<const claims::Verified<SignedRootCrl>>;

/// Errors  tcb_info_malformed, tcb_info_not_trusted.
Result<VerifiedTcbInfo> verify_tcb_info(std::string_view answer, std::string_view issuer_chain,
                                        const RootKey& root);
/// Errors  qe_identity_malformed, qe_identity_not_trusted.
Result<VerifiedQeIdentity> verify_qe_identity(std::string_view answer,
                                              std::string_view issuer_chain, const RootKey& root);
/// Errors  crl_malformed, crl_not_trusted.
Result<VerifiedPckCrl> verify_pck_crl(Bytes crl, std::string_view issuer_chain,
                                      const RootKey& root);
/// Errors  crl_malformed, crl_not_trusted.
Result<VerifiedRootCrl> verify_root_crl(Bytes crl, const RootKey& root);

/// All that is needed to judge quotes of one platform, parsed and checked once. Immutable; share
/// it.
struct Collateral {
  VerifiedTcbInfo tcb_info;
  VerifiedQeIdentity qe_identity;
  VerifiedPckCrl pck_crl;
  VerifiedRootCrl root_crl;
  Lifespan lifespan;

  /// What it answers.
  CollateralRequest request() const;
  /// Whether anything in it is past its date. Such collateral is served with the claim
  /// `collateral_expiration_status` "1"; it is refused for nothing but a revocation.
  bool expired_at(Time t) const { return lifespan.earliest_expiration <= t; }
};
using VerifiedCollateral = std::shared_ptr<const claims::Verified<Collateral>>;

/// Puts verified documents together: they are of one TEE, and the root's list revokes none of their
/// signers. Dates are not looked at (expired_at).
/// Errors  tcb_info_mismatch, crl_not_trusted, certificate_revoked.
Result<VerifiedCollateral> combine(VerifiedTcbInfo tcb_info, VerifiedQeIdentity qe_identity,
                                   VerifiedPckCrl pck_crl, VerifiedRootCrl root_crl);

/// Verifies the documents of one answer and puts them together.
/// Errors  those of the functions above.
/// Source  verifiers specification 5.5 D to F.
/// Cost    eight P-256 verifications and the parsing of two JSON documents.
Result<VerifiedCollateral> verify_collateral(const CollateralDocuments& documents,
                                             const RootKey& root);

/// Whether `collateral` answers `request`. Errors: tcb_info_mismatch.
Result<void> check_answers(const Collateral& collateral, const CollateralRequest& request);

/// Where a certificate says that the list of its issuer is (`cRLDistributionPoints`), if it does.
/// Untrusted as long as the certificate is; never a reason to talk to another host than the
/// configured one. Errors: pck_chain_malformed.
Result<std::string> crl_distribution_point(const crypto::Certificate& certificate);

}  // namespace trustee::intel
