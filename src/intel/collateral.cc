#include "intel/collateral.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "intel/chain.h"
#include "intel/errors.h"
#include "intel/internal/crl.h"

namespace trustee::claims {

template <>
struct VerifierOf<intel::SignedTcbInfo> {
  static intel::VerifiedTcbInfo seal(intel::SignedTcbInfo d) {
    return std::make_shared<const Verified<intel::SignedTcbInfo>>(
        Verified<intel::SignedTcbInfo>(std::move(d)));
  }
};

template <>
struct VerifierOf<intel::SignedQeIdentity> {
  static intel::VerifiedQeIdentity seal(intel::SignedQeIdentity d) {
    return std::make_shared<const Verified<intel::SignedQeIdentity>>(
        Verified<intel::SignedQeIdentity>(std::move(d)));
  }
};

template <>
struct VerifierOf<intel::SignedPckCrl> {
  static intel::VerifiedPckCrl seal(intel::SignedPckCrl d) {
    return std::make_shared<const Verified<intel::SignedPckCrl>>(
        Verified<intel::SignedPckCrl>(std::move(d)));
  }
};

template <>
struct VerifierOf<intel::SignedRootCrl> {
  static intel::VerifiedRootCrl seal(intel::SignedRootCrl d) {
    return std::make_shared<const Verified<intel::SignedRootCrl>>(
        Verified<intel::SignedRootCrl>(std::move(d)));
  }
};

template <>
struct VerifierOf<intel::Collateral> {
  static intel::VerifiedCollateral seal(intel::Collateral c) {
    return std::make_shared<const Verified<intel::Collateral>>(
        Verified<intel::Collateral>(std::move(c)));
  }
};

}  // namespace trustee::claims

namespace trustee::intel {

namespace {

/// A signed answer, taken apart; `body` is the slice that the signature covers.
struct SignedAnswer {
  std::string_view body;
  ByteVec signature;
};

Result<SignedAnswer> take_apart(std::string_view answer, std::string_view name) {
  json::Limits limits;
  limits.bytes = kMaxDocument;
  limits.depth = kMaxDocumentDepth;
  TRY(const std::string_view body, json::raw_member(answer, name, limits));
  TRY(const std::string_view quoted, json::raw_member(answer, "signature", limits));
  TRY(const json::Value signature, json::parse(quoted));
  if (signature.as_string() == nullptr) {
    return Error(codec::Errc::json_wrong_type, "signature is no text");
  }
  TRY(ByteVec bytes, codec::hex_decode(*signature.as_string()));
  return SignedAnswer{body, std::move(bytes)};
}

/// The chain of a document: its signer, named `phrase`, and the root, in this order.
Result<IssuerChain> issuer_chain_of(std::string_view pem, std::string_view phrase,
                                    const RootKey& anchor) {
  constexpr std::size_t kSize = 2;
  TRY(auto chain, crypto::Certificate::bundle_from_pem(pem, kSize));
  if (chain.size() != kSize) {
    return Error(Errc::pck_chain_not_trusted, "the issuer chain must have two certificates");
  }
  TRY_VOID(check_is_root(chain.at(1), anchor));
  TRY_VOID(check_issued_by(chain.at(0), chain.at(1)));
  if (chain.at(0).subject_common_name().find(phrase) == std::string::npos) {
    return Error(Errc::pck_chain_not_trusted,
                 chain.at(0).subject() + " is not named as the issuer of the document");
  }
  return IssuerChain{chain.at(0), chain.at(1)};
}

/// Errors of the parts of a document under the document's own code.
template <class T>
Result<T> as(Errc code, Result<T> result) {
  if (result.ok() || result.error().is(code)) return result;
  return Error(code, result.error().to_string());
}

constexpr std::string_view kTcbSigner = "SGX TCB Signing";

Lifespan lifespan_of_chain(const IssuerChain& chain) {
  return merged(lifespan_of(chain.signer), lifespan_of(chain.root));
}

Lifespan lifespan_of_document(Time issued, Time next_update, const IssuerChain& chain) {
  return merged({issued, issued, next_update}, lifespan_of_chain(chain));
}

Result<IssuerChain> check_document(const SignedAnswer& answer, std::string_view issuer_chain,
                                   const RootKey& root) {
  TRY(auto chain, issuer_chain_of(issuer_chain, kTcbSigner, root));
  TRY_VOID(chain.signer.public_key().verify(crypto::SignatureScheme::es256, as_bytes(answer.body),
                                            answer.signature));
  return chain;
}

Result<void> check_not_revoked(const crypto::Crl& crl, const crypto::Certificate& certificate) {
  if (!crl.revokes(certificate)) return {};
  return Error(Errc::certificate_revoked, certificate.subject());
}

}  // namespace

Lifespan merged(const Lifespan& a, const Lifespan& b) {
  return {std::min(a.earliest_issue, b.earliest_issue), std::max(a.latest_issue, b.latest_issue),
          std::min(a.earliest_expiration, b.earliest_expiration)};
}

Result<VerifiedTcbInfo> verify_tcb_info(std::string_view answer, std::string_view issuer_chain,
                                        const RootKey& root) {
  TRY(const auto parts, as(Errc::tcb_info_malformed, take_apart(answer, "tcbInfo")));
  TRY(auto chain, as(Errc::tcb_info_not_trusted, check_document(parts, issuer_chain, root)));
  TRY(TcbInfo body, parse_tcb_info(parts.body));
  const Lifespan lifespan = lifespan_of_document(body.issue_date, body.next_update, chain);
  return claims::VerifierOf<SignedTcbInfo>::seal({std::move(body), std::move(chain), lifespan});
}

Result<VerifiedQeIdentity> verify_qe_identity(std::string_view answer,
                                              std::string_view issuer_chain, const RootKey& root) {
  TRY(const auto parts, as(Errc::qe_identity_malformed, take_apart(answer, "enclaveIdentity")));
  TRY(auto chain, as(Errc::qe_identity_not_trusted, check_document(parts, issuer_chain, root)));
  TRY(QeIdentity body, parse_qe_identity(parts.body));
  const Lifespan lifespan = lifespan_of_document(body.issue_date, body.next_update, chain);
  return claims::VerifierOf<SignedQeIdentity>::seal({std::move(body), std::move(chain), lifespan});
}

Result<VerifiedPckCrl> verify_pck_crl(Bytes crl, std::string_view issuer_chain,
                                      const RootKey& root) {
  TRY(auto list, as(Errc::crl_malformed, internal::parse_crl(crl)));
  TRY(auto chain, as(Errc::crl_not_trusted, issuer_chain_of(issuer_chain, "CA", root)));
  TRY(const PckCa ca, as(Errc::crl_not_trusted, pck_ca_of(chain.signer)));
  TRY_VOID(internal::check_crl_issuer(list.crl, chain.signer));
  const Lifespan lifespan = merged(list.lifespan, lifespan_of_chain(chain));
  return claims::VerifierOf<SignedPckCrl>::seal(
      {std::move(list.crl), list.number, ca, std::move(chain), lifespan});
}

Result<VerifiedRootCrl> verify_root_crl(Bytes crl, const RootKey& root) {
  TRY(auto list, as(Errc::crl_malformed, internal::parse_crl(crl)));
  if (auto checked = list.crl.check_signed_by(root.key()); !checked.ok()) {
    return Error(Errc::crl_not_trusted, checked.error().to_string());
  }
  return claims::VerifierOf<SignedRootCrl>::seal({std::move(list.crl), list.number, list.lifespan});
}

CollateralRequest Collateral::request() const {
  return {(*tcb_info)->body.fmspc, (*pck_crl)->ca, (*tcb_info)->body.tee};
}

Result<VerifiedCollateral> combine(VerifiedTcbInfo tcb_info, VerifiedQeIdentity qe_identity,
                                   VerifiedPckCrl pck_crl, VerifiedRootCrl root_crl) {
  const SignedTcbInfo& tcb = **tcb_info;
  const SignedQeIdentity& qe = **qe_identity;
  const SignedPckCrl& pck = **pck_crl;
  const SignedRootCrl& root = **root_crl;
  if (tcb.body.tee != qe.body.tee) {
    return Error(Errc::tcb_info_mismatch, "TCB info and QE identity are of different TEEs");
  }
  if (!root.crl.names_as_issuer(pck.chain.root)) {
    return Error(Errc::crl_not_trusted, "the root's list names another issuer");
  }
  TRY_VOID(check_not_revoked(root.crl, pck.chain.signer));
  TRY_VOID(check_not_revoked(root.crl, tcb.chain.signer));
  TRY_VOID(check_not_revoked(root.crl, qe.chain.signer));
  const Lifespan lifespan =
      merged(merged(tcb.lifespan, qe.lifespan), merged(pck.lifespan, root.lifespan));
  return claims::VerifierOf<Collateral>::seal({std::move(tcb_info), std::move(qe_identity),
                                               std::move(pck_crl), std::move(root_crl), lifespan});
}

Result<VerifiedCollateral> verify_collateral(const CollateralDocuments& documents,
                                             const RootKey& root) {
  TRY(auto root_crl, verify_root_crl(documents.root_ca_crl, root));
  TRY(auto pck_crl, verify_pck_crl(documents.pck_crl, documents.pck_crl_issuer_chain, root));
  TRY(auto tcb_info, verify_tcb_info(documents.tcb_info, documents.tcb_info_issuer_chain, root));
  TRY(auto qe_identity,
      verify_qe_identity(documents.qe_identity, documents.qe_identity_issuer_chain, root));
  return combine(std::move(tcb_info), std::move(qe_identity), std::move(pck_crl),
                 std::move(root_crl));
}

Result<void> check_answers(const Collateral& collateral, const CollateralRequest& request) {
  if (collateral.request() == request) return {};
  return Error(Errc::tcb_info_mismatch, "collateral for " + cache_name(collateral.request()) +
                                            " was given for " + cache_name(request));
}

}  // namespace trustee::intel
