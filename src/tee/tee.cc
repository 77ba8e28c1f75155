#include "tee/tee.h"

#include <array>
#include <utility>

#include "az_snp_vtpm/az_snp_vtpm.h"
#include "az_tdx_vtpm/az_tdx_vtpm.h"
#include "base/try.h"
#include "intel/texts.h"
#include "sample/sample.h"
#include "sgx/claims.h"
#include "sgx/evidence.h"
#include "sgx/texts.h"
#include "sgx/verify.h"
#include "snp/claims.h"
#include "snp/evidence.h"
#include "snp/texts.h"
#include "tdx/claims.h"
#include "tdx/evidence.h"
#include "tdx/texts.h"
#include "tdx/verify.h"
#include "tee/errors.h"

namespace trustee::tee {

namespace {

using rcar::Tee;
using rcar::TeeClass;
using ClaimSets = std::vector<claims::ClaimSet>;

/// What a step of verification gives: the verified thing or what is missing.
template <class T>
using VerifiedOrNeeds = std::variant<claims::Verified<T>, Needs>;

/// Chains the three questions every TEE answers: what is this, is it authentic (or what is missing
/// to tell), what does it say.
template <auto Parse, auto Verify, auto Claims>
Result<Outcome> evaluate_by(const Item& item) {
  TRY(const auto parsed, Parse(item.evidence));
  TRY(const auto verified, Verify(parsed, item));
  if (const auto* needs = std::get_if<Needs>(&verified); needs != nullptr) return Outcome(*needs);
  return Outcome(Claims(*std::get_if<0>(&verified), item));
}

Result<VerifiedOrNeeds<sample::Evidence>> verify_sample(const sample::Evidence& evidence,
                                                        const Item& item) {
  TRY(auto verified, sample::verify(evidence, item.expected));
  return VerifiedOrNeeds<sample::Evidence>(std::move(verified));
}

ClaimSets sample_claims(const claims::Verified<sample::Evidence>& evidence, const Item& item) {
  return {sample::claims_of_sample(evidence, item.expected)};
}

ClaimSets sample_device_claims(const claims::Verified<sample::Evidence>& evidence, const Item&) {
  return {sample::claims_of_sample_device(evidence)};
}

/// The outcome of a module with needs of its own, as ours.
template <class T, class N>
VerifiedOrNeeds<T> with_our_needs(std::variant<claims::Verified<T>, N> outcome) {
  if (auto* needs = std::get_if<N>(&outcome); needs != nullptr) return Needs(std::move(*needs));
  return std::move(*std::get_if<0>(&outcome));
}

snp::Endorsements snp_endorsements(const Item& item) {
  snp::Endorsements endorsements{item.trust.amd_roots, item.caches.vek, std::nullopt,
                                 item.collateral.amd_crl};
  if (item.collateral.vcek.has_value()) endorsements.vcek = Bytes(*item.collateral.vcek);
  return endorsements;
}

Result<VerifiedOrNeeds<snp::Attested>> verify_snp(const snp::Evidence& evidence, const Item& item) {
  const snp::Endorsements endorsements = snp_endorsements(item);
  TRY(auto outcome, snp::verify(evidence, item.expected, endorsements, item.trust.snp, item.now));
  return with_our_needs(std::move(outcome));
}

/// The claims and, where the operator wants them, those on how far endorsements were checked.
ClaimSets with_verification_claims(claims::ClaimSet set, json::Object extra, const Item& item) {
  if (item.trust.verification_claims) {
    for (json::Member& m : extra) {
      set.claims.append(std::move(m.name), std::move(m.value));
    }
  }
  return {std::move(set)};
}

intel::Means intel_means(const Item& item) {
  return {item.trust.intel_root, item.caches.pck, item.collateral.intel};
}

Result<VerifiedOrNeeds<tdx::Attested>> verify_tdx(const tdx::Evidence& evidence, const Item& item) {
  TRY(auto outcome, tdx::verify(evidence, item.expected, intel_means(item), item.now));
  return with_our_needs(std::move(outcome));
}

Result<VerifiedOrNeeds<sgx::Attested>> verify_sgx(const sgx::Evidence& evidence, const Item& item) {
  TRY(auto outcome, sgx::verify(evidence, item.expected, intel_means(item), item.now));
  return with_our_needs(std::move(outcome));
}

ClaimSets tdx_claims(const claims::Verified<tdx::Attested>& attested, const Item& item) {
  return with_verification_claims(tdx::claims_of(attested), tdx::verification_claims(attested),
                                  item);
}

ClaimSets sgx_claims(const claims::Verified<sgx::Attested>& attested, const Item& item) {
  return with_verification_claims(sgx::claims_of(attested), sgx::verification_claims(attested),
                                  item);
}

ClaimSets snp_claims(const claims::Verified<snp::Attested>& attested, const Item& item) {
  return with_verification_claims(snp::claims_of(attested), snp::verification_claims(attested),
                                  item);
}

Result<VerifiedOrNeeds<az_snp_vtpm::Attested>> verify_az_snp(const azure::Evidence& evidence,
                                                             const Item& item) {
  TRY(auto outcome, az_snp_vtpm::verify(evidence, item.expected, snp_endorsements(item),
                                        item.trust.azure, item.trust.snp, item.now));
  return with_our_needs(std::move(outcome));
}

ClaimSets az_snp_claims(const claims::Verified<az_snp_vtpm::Attested>& attested, const Item& item) {
  return with_verification_claims(az_snp_vtpm::claims_of(attested),
                                  snp::verification_claims(attested->snp), item);
}

Result<VerifiedOrNeeds<az_tdx_vtpm::Attested>> verify_az_tdx(const azure::Evidence& evidence,
                                                             const Item& item) {
  TRY(auto outcome,
      az_tdx_vtpm::verify(evidence, item.expected, intel_means(item), item.trust.azure, item.now));
  return with_our_needs(std::move(outcome));
}

ClaimSets az_tdx_claims(const claims::Verified<az_tdx_vtpm::Attested>& attested, const Item& item) {
  return with_verification_claims(az_tdx_vtpm::claims_of(attested),
                                  tdx::verification_claims(attested->tdx), item);
}

Result<VerifiedOrNeeds<tpm_evidence::Attested>> verify_tpm(const tpm_evidence::Evidence& evidence,
                                                           const Item& item) {
  TRY(auto verified, tpm_evidence::verify(evidence, item.expected, item.trust.tpm));
  return VerifiedOrNeeds<tpm_evidence::Attested>(std::move(verified));
}

ClaimSets tpm_claims(const claims::Verified<tpm_evidence::Attested>& attested, const Item& item) {
  return with_verification_claims(tpm_evidence::claims_of(attested),
                                  tpm_evidence::verification_claims(attested), item);
}

constexpr std::array kKinds{
    Kind{Tee::snp, TeeClass::cpu, evaluate_by<snp::parse_evidence, verify_snp, snp_claims>},
    Kind{Tee::tdx, TeeClass::cpu, evaluate_by<tdx::parse_evidence, verify_tdx, tdx_claims>},
    Kind{Tee::sgx, TeeClass::cpu, evaluate_by<sgx::parse_evidence, verify_sgx, sgx_claims>},
    Kind{Tee::az_snp_vtpm, TeeClass::cpu,
         evaluate_by<az_snp_vtpm::parse_evidence, verify_az_snp, az_snp_claims>},
    Kind{Tee::az_tdx_vtpm, TeeClass::cpu,
         evaluate_by<az_tdx_vtpm::parse_evidence, verify_az_tdx, az_tdx_claims>},
    Kind{Tee::tpm, TeeClass::cpu,
         evaluate_by<tpm_evidence::parse_evidence, verify_tpm, tpm_claims>},
    Kind{Tee::sample, TeeClass::cpu,
         evaluate_by<sample::parse_evidence, verify_sample, sample_claims>},
    Kind{Tee::sample_device, TeeClass::gpu,
         evaluate_by<sample::parse_evidence, verify_sample, sample_device_claims>},
};

Result<const Kind*> kind_of(Tee tee) {
  for (const Kind& kind : kKinds) {
    if (kind.tee == tee) return &kind;
  }
  return Error(Errc::not_supported, "feature `" + std::string(rcar::to_string(tee)) +
                                        "-verifier` is not enabled for `verifier` crate.");
}

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

Result<Outcome> evaluate(Tee tee, const Item& item) {
  TRY(const Kind* kind, kind_of(tee));
  auto outcome = kind->evaluate(item);
  if (outcome.ok()) return outcome;
  return std::move(outcome).while_doing("verifying " + std::string(rcar::to_string(tee)) +
                                        " evidence");
}

Result<std::string> supplemental_challenge(Tee tee, std::string_view /*parameters*/) {
  if (auto kind = kind_of(tee); !kind.ok()) return std::move(kind).error();
  return std::string();
}

std::string upstream_text(const Error& error) {
  if (error.is(Errc::not_supported)) return error.detail();
  for (const auto words : {snp::upstream_text, azure::upstream_text, tpm_evidence::upstream_text}) {
    if (const auto text = words(error.code()); text.has_value()) return std::string(*text);
  }
  for (const auto text_of : {intel::upstream_text, tdx::upstream_text, sgx::upstream_text}) {
    if (auto text = text_of(error); text.has_value()) return *std::move(text);
  }
  return std::string(error.code().text());
}

}  // namespace trustee::tee
