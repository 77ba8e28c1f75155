#include "snp/verify.h"

#include <utility>

#include "base/cursor.h"
#include "base/try.h"
#include "snp/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<snp::Attested> {
  static Verified<snp::Attested> seal(snp::Attested a) { return Verified(std::move(a)); }
};

}  // namespace trustee::claims

namespace trustee::snp {

namespace {

/// Walks the evidence's certificates once: the first VCEK or VLEK wins and fixes the kind, a later
/// ASK or ARK overrides an earlier one, everything else is passed over.
Result<amd::PresentedChain> chain_of(const std::vector<CertificateEntry>& entries,
                                     amd::Product product) {
  amd::PresentedChain chain{product, amd::VekKind::vcek, {}, {}, {}};
  bool found = false;
  for (const CertificateEntry& entry : entries) {
    switch (entry.type) {
      case CertificateType::ark:
        chain.ark = entry.data;
        break;
      case CertificateType::ask:
        chain.ask = entry.data;
        break;
      case CertificateType::vcek:
      case CertificateType::vlek:
        if (found) break;
        found = true;
        chain.vek = entry.data;
        chain.label = entry.type == CertificateType::vlek ? amd::VekKind::vlek : amd::VekKind::vcek;
        break;
      case CertificateType::other:
        break;
    }
  }
  if (!found) return Errc::vek_missing;
  return chain;
}

/// The chain that the evidence brought or, where it brought none, that was fetched for it.
/// Nothing: it has to be fetched.
Result<std::optional<amd::PresentedChain>> presented_chain(const Evidence& evidence,
                                                           const Endorsements& endorsements,
                                                           amd::Product product) {
  if (evidence.cert_chain.has_value()) {
    TRY(const auto chain, chain_of(*evidence.cert_chain, product));
    return std::optional(chain);
  }
  if (!endorsements.vcek.has_value()) return std::optional<amd::PresentedChain>();
  return std::optional(
      amd::PresentedChain{product, amd::VekKind::vcek, *endorsements.vcek, {}, {}});
}

/// Checks the endorsement chain against the ARK's revocation list where the policy wants it; a list
/// that is wanted and not at hand is returned as the thing to get.
Result<std::optional<CrlRequest>> check_revocation(const amd::Vek& vek,
                                                   const Endorsements& endorsements,
                                                   const Policy& policy, Time now) {
  switch (policy.revocation) {
    case amd::Revocation::not_checked:
      return std::optional<CrlRequest>();
    case amd::Revocation::required:
      break;
  }
  if (!endorsements.crl.has_value()) return std::optional(CrlRequest{vek.product, vek.kind});
  TRY_VOID(endorsements.crl->check_not_revoked(vek, now));
  return std::optional<CrlRequest>();
}

/// The list that a chain not fetched yet will have to be checked against.
std::optional<CrlRequest> foreseen_crl(const Endorsements& endorsements, const Policy& policy,
                                       amd::Product product) {
  switch (policy.revocation) {
    case amd::Revocation::not_checked:
      return std::nullopt;
    case amd::Revocation::required:
      break;
  }
  if (endorsements.crl.has_value()) return std::nullopt;
  return CrlRequest{product, amd::VekKind::vcek};
}

/// The version as the evidence states it. It comes before the report is read: what is too old may
/// well have a layout that nobody can tell.
Result<void> check_stated_version(const Evidence& evidence) {
  if (const auto* fields = std::get_if<ReportFields>(&evidence.report); fields != nullptr) {
    return check_version(fields->version);
  }
  Cursor c(*std::get_if<ByteVec>(&evidence.report));
  const std::uint32_t version = c.u32le();
  if (c.failed()) return {};  // parse_report says what is wrong
  return check_version(version);
}

Result<void> check_report(const Report& report, const amd::Vek& vek) {
  TRY_VOID(check_signature_algorithm(report));
  TRY_VOID(check_signature(report, vek.key));
  TRY_VOID(check_signing_key(report, vek.kind));
  TRY_VOID(check_chip_id(report, vek.extensions));
  TRY_VOID(check_reported_tcb(report, vek.extensions));
  return {};
}

Result<void> check_bindings(const Report& report, const claims::Expected& expected) {
  TRY_VOID(check_vmpl(report));
  TRY_VOID(check_report_data(report, expected));
  TRY_VOID(check_host_data(report, expected));
  return {};
}

}  // namespace

Result<Outcome> verify(const Evidence& evidence, const claims::Expected& expected,
                       const Endorsements& endorsements, const Policy& policy, Time now) {
  TRY_VOID(check_stated_version(evidence));
  TRY(auto report, report_of(evidence));
  TRY(const auto product, product_of(report));
  TRY(const auto chain, presented_chain(evidence, endorsements, product));
  if (!chain.has_value()) {
    TRY_VOID(check_bindings(report, expected));
    return Outcome(Needs{amd::VcekRequest{product, report.chip_id, report.reported_tcb},
                         foreseen_crl(endorsements, policy, product)});
  }
  TRY(const auto verified, endorsements.cache.verify(*chain, endorsements.roots.of(product)));
  const amd::Vek& vek = **verified;
  TRY_VOID(amd::check_dates(vek, now, policy.dates));
  TRY_VOID(check_report(report, vek));
  TRY_VOID(check_bindings(report, expected));
  TRY(const auto missing_crl, check_revocation(vek, endorsements, policy, now));
  if (missing_crl.has_value()) return Outcome(Needs{std::nullopt, missing_crl});
  return Outcome(
      claims::VerifierOf<Attested>::seal(Attested{std::move(report), product, vek.kind, policy}));
}

}  // namespace trustee::snp
