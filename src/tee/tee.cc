#include "tee/tee.h"

#include <array>
#include <utility>

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

Result<VerifiedOrNeeds<snp::Attested>> verify_snp(const snp::Evidence& evidence, const Item& item) {
  snp::Endorsements endorsements{item.trust.amd_roots, item.caches.vek, std::nullopt,
                                 item.collateral.amd_crl};
  if (item.collateral.vcek.has_value()) endorsements.vcek = Bytes(*item.collateral.vcek);
  TRY(auto outcome, snp::verify(evidence, item.expected, endorsements, item.trust.snp, item.now));
  if (auto* needs = std::get_if<snp::Needs>(&outcome); needs != nullptr) {
    return VerifiedOrNeeds<snp::Attested>(Needs(std::move(*needs)));
  }
  return VerifiedOrNeeds<snp::Attested>(std::move(*std::get_if<0>(&outcome)));
}

void add_all(claims::ClaimSet& set, json::Object members) {
  for (json::Member& m : members) {
    set.claims.append(std::move(m.name), std::move(m.value));
  }
}

ClaimSets snp_claims(const claims::Verified<snp::Attested>& attested, const Item& item) {
  claims::ClaimSet set = snp::claims_of(attested);
  if (item.trust.verification_claims) add_all(set, snp::verification_claims(attested));
  return {std::move(set)};
}

intel::Means intel_means(const Item& item) {
  return {item.trust.intel_root, item.caches.pck, item.collateral.intel};
}

/// The outcome of a module whose needs are Intel's, as ours.
template <class T>
VerifiedOrNeeds<T> with_our_needs(std::variant<claims::Verified<T>, intel::Needs> outcome) {
  if (auto* needs = std::get_if<intel::Needs>(&outcome); needs != nullptr) return Needs(*needs);
  return std::move(*std::get_if<0>(&outcome));
}

Result<VerifiedOrNeeds<tdx::Attested>> verify_tdx(const tdx::Evidence& evidence, const Item& item) {
  TRY(auto outcome, tdx::verify(evidence, item.expected, intel_means(item), item.now));
  return with_our_needs<tdx::Attested>(std::move(outcome));
}

Result<VerifiedOrNeeds<sgx::Attested>> verify_sgx(const sgx::Evidence& evidence, const Item& item) {
  TRY(auto outcome, sgx::verify(evidence, item.expected, intel_means(item), item.now));
  return with_our_needs<sgx::Attested>(std::move(outcome));
}

ClaimSets tdx_claims(const claims::Verified<tdx::Attested>& attested, const Item& item) {
  claims::ClaimSet set = tdx::claims_of(attested);
  if (item.trust.verification_claims) add_all(set, tdx::verification_claims(attested));
  return {std::move(set)};
}

ClaimSets sgx_claims(const claims::Verified<sgx::Attested>& attested, const Item& item) {
  claims::ClaimSet set = sgx::claims_of(attested);
  if (item.trust.verification_claims) add_all(set, sgx::verification_claims(attested));
  return {std::move(set)};
}

constexpr std::array kKinds{
    Kind{Tee::snp, TeeClass::cpu, evaluate_by<snp::parse_evidence, verify_snp, snp_claims>},
    Kind{Tee::tdx, TeeClass::cpu, evaluate_by<tdx::parse_evidence, verify_tdx, tdx_claims>},
    Kind{Tee::sgx, TeeClass::cpu, evaluate_by<sgx::parse_evidence, verify_sgx, sgx_claims>},
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
  if (const auto text = snp::upstream_text(error.code()); text.has_value()) {
    return std::string(*text);
  }
  for (const auto text_of : {intel::upstream_text, tdx::upstream_text, sgx::upstream_text}) {
    if (auto text = text_of(error); text.has_value()) return *std::move(text);
  }
  return std::string(error.code().text());
}

}  // namespace trustee::tee
