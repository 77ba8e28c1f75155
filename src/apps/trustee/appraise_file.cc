#include "apps/trustee/appraise_file.h"

#include "appraise/annotated_evidence.h"
#include "appraise/default_policies.h"
#include "appraise/ear.h"
#include "appraise/evaluate.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/time.h"
#include "fetch/offline_store.h"
#include "intel/collateral_file.h"
#include "intel/errors.h"
#include "reload/errors.h"
#include "reload/files.h"
#include "tee/tee.h"

namespace trustee::apps {
namespace {

Result<std::optional<ByteVec>> hex_option(const std::optional<std::string>& text) {
  if (!text) return std::optional<ByteVec>();
  TRY(ByteVec bytes, codec::hex_decode(*text));
  return std::optional<ByteVec>(std::move(bytes));
}

Result<Time> time_of(const EvidenceFile& o) {
  if (!o.at) return SystemClock().now();
  return codec::parse_date_or_time(*o.at);
}

// The endorsement key for evidence that came without: a file, or the offline store. Nothing is
// fetched from the network here.
Result<void> add_vcek(const EvidenceFile& o, const snp::Needs& needs, tee::Collateral& collateral) {
  const Error missing(reload::Errc::material_invalid,
                      "the evidence carries no endorsement key; give one with --vcek or "
                      "--offline-store");
  if (!needs.vcek || collateral.vcek) return missing;
  if (o.vcek) {
    TRY(const std::string file, reload::read_file(*o.vcek));
    collateral.vcek = to_vec(as_bytes(file));
    return {};
  }
  if (!o.offline_store) return missing;
  TRY(collateral.vcek, fetch::OfflineStore(*o.offline_store).vcek(*needs.vcek));
  return {};
}

Result<void> add_intel(const EvidenceFile& o, const intel::Needs& needs, const tee::Trust& trust,
                       tee::Collateral& collateral) {
  if (!o.collateral || collateral.intel != nullptr) {
    return Error(reload::Errc::material_invalid, "the evidence needs Intel's documents for " +
                                                     intel::cache_name(needs.collateral) +
                                                     "; give them with --collateral");
  }
  TRY(const std::string file, reload::read_file(*o.collateral));
  TRY(const auto documents, intel::parse_collateral_file(file));
  TRY(collateral.intel, intel::verify_collateral(documents, trust.intel_root));
  return {};
}

Result<void> add_collateral(const EvidenceFile& o, const tee::Needs& needs, const tee::Trust& trust,
                            tee::Collateral& collateral) {
  if (const auto* snp_needs = std::get_if<snp::Needs>(&needs); snp_needs != nullptr) {
    return add_vcek(o, *snp_needs, collateral);
  }
  return add_intel(o, *std::get_if<intel::Needs>(&needs), trust, collateral);
}

/// What is refused because of the documents is a verdict like any other; a file that cannot be used
/// is not.
bool is_verdict(const Error& error) {
  return error.code().module() == intel::kErrcDomain.module &&
         !error.is(intel::Errc::collateral_file_malformed);
}

/// The evidence as JSON: the file itself, or made of a bare quote, in bytes or hex.
Result<std::string> evidence_of(const EvidenceFile& o, rcar::Tee kind) {
  TRY(std::string file, reload::read_file(o.file));
  const std::size_t first = file.find_first_not_of(" \t\r\n");
  const bool takes_quotes = kind == rcar::Tee::tdx || kind == rcar::Tee::sgx;
  if (!takes_quotes || first == std::string::npos || file[first] == '{') return file;
  const std::string_view text = std::string_view(file).substr(first);
  const auto hex = codec::hex_decode(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
  const Bytes quote = hex.ok() ? Bytes(*hex) : as_bytes(file);
  return "{\"quote\":\"" + codec::base64_encode(quote) + "\"}";
}

struct Verdict {
  std::vector<claims::ClaimSet> claim_sets;
  std::optional<Error> refusal;
};

Result<Verdict> verify(const EvidenceFile& o, tee::Trust trust, rcar::Tee kind, Time now) {
  TRY(const std::string evidence, evidence_of(o, kind));
  TRY(const auto report_data, hex_option(o.report_data));
  TRY(const auto init_data, hex_option(o.init_data));
  trust.verification_claims = true;
  if (o.ignore_dates) trust.snp.dates = amd::ValidityDates::ignored;
  tee::Caches caches;
  tee::Collateral collateral;
  claims::Expected expected;
  if (report_data) expected.report_data = *report_data;
  if (init_data) expected.init_data_hash = *init_data;
  for (int round = 0; round < 3; ++round) {
    auto outcome = tee::evaluate(kind, {evidence, expected, collateral, trust, caches, now});
    if (!outcome.ok()) return Verdict{{}, std::move(outcome).error()};
    if (auto* sets = std::get_if<std::vector<claims::ClaimSet>>(&*outcome)) {
      return Verdict{std::move(*sets), std::nullopt};
    }
    auto added = add_collateral(o, std::get<tee::Needs>(*outcome), trust, collateral);
    if (!added.ok() && is_verdict(added.error())) return Verdict{{}, std::move(added).error()};
    TRY_VOID(std::move(added));
  }
  return Error(reload::Errc::material_invalid, "the evidence keeps asking for what it was given");
}

Result<rego::ReferenceSet> references_of(const std::vector<std::string>& files) {
  rego::ReferenceSet set;
  for (const auto& path : files) {
    TRY(const std::string text, reload::read_file(path));
    TRY(const json::Value value, json::parse(text));
    TRY(const json::Object* object, json::object_of(value, path));
    for (const auto& member : *object) {
      const std::string json = json::write(member.value);
      const rego::NamedJson item{member.name, json};
      TRY(set, set.with(std::span(&item, 1)));
    }
  }
  return set;
}

Result<std::shared_ptr<const appraise::Policy>> policy_of(const EvidenceFile& o,
                                                          const std::string& id) {
  if (o.policy) {
    TRY(const std::string text, reload::read_file(*o.policy));
    return appraise::Policy::compile(id, text);
  }
  for (const auto& shipped : appraise::default_policies()) {
    if (shipped.id == id) return appraise::Policy::compile(id, shipped.text);
  }
  return Error(reload::Errc::material_invalid,
               "no policy " + id + " ships; give one with --policy");
}

Result<decision::Device> appraised(const EvidenceFile& o, const claims::ClaimSet& set,
                                   const rego::ReferenceSet& references, std::string submodule) {
  const std::string id = "default_" + std::string(rcar::to_string(set.tee_class));
  decision::Device device{std::move(submodule), o.tee, {}, nullptr, {}};
  TRY(device.policy, policy_of(o, id));
  TRY(const json::Object input,
      appraise::annotate(set, o.tee, json::Value(), json::Value(), appraise::Verbosity::full));
  device.annotated_evidence = json::write(input);
  TRY(auto outcome, appraise::evaluate(*device.policy, device.annotated_evidence, {references}));
  device.appraisal = std::move(std::get<appraise::Appraisal>(outcome));
  return device;
}

}  // namespace

Result<FileAppraisal> appraise_file(const EvidenceFile& o, const tee::Trust& trust) {
  FileAppraisal out;
  TRY(out.at, time_of(o));
  const auto kind = rcar::tee_from_name(o.tee);
  if (!kind) return Error(reload::Errc::material_invalid, "unknown TEE " + o.tee);
  out.kind = *kind;
  TRY(Verdict verdict, verify(o, trust, *kind, out.at));
  out.refusal = std::move(verdict.refusal);
  TRY(out.references, references_of(o.references));
  appraise::SubmoduleNames names;
  for (const auto& set : verdict.claim_sets) {
    TRY(decision::Device device, appraised(o, set, out.references, names.next(set.tee_class)));
    out.devices.push_back(std::move(device));
  }
  return out;
}

}  // namespace trustee::apps
