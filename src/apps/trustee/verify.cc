#include "apps/trustee/verify.h"

#include <cstdio>

#include "appraise/annotated_evidence.h"
#include "appraise/default_policies.h"
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

constexpr int kRefused = 4;

struct Verdict {
  std::vector<claims::ClaimSet> claim_sets;
  std::optional<Error> refusal;
};

struct Appraised {
  json::Object claims;
  appraise::Appraisal appraisal;
};

Result<std::optional<ByteVec>> hex_option(const std::optional<std::string>& text) {
  if (!text) return std::optional<ByteVec>();
  TRY(ByteVec bytes, codec::hex_decode(*text));
  return std::optional<ByteVec>(std::move(bytes));
}

Result<Time> time_of(const VerifyOptions& o) {
  if (!o.at) return SystemClock().now();
  return codec::parse_date_or_time(*o.at);
}

// The endorsement key for evidence that came without: a file, or the offline store. Nothing is
// fetched from the network here.
Result<void> add_vcek(const VerifyOptions& o, const snp::Needs& needs,
                      tee::Collateral& collateral) {
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

Result<void> add_intel(const VerifyOptions& o, const intel::Needs& needs, const tee::Trust& trust,
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

Result<void> add_collateral(const VerifyOptions& o, const tee::Needs& needs,
                            const tee::Trust& trust, tee::Collateral& collateral) {
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
Result<std::string> evidence_of(const VerifyOptions& o, rcar::Tee kind) {
  TRY(std::string file, reload::read_file(o.file));
  const std::size_t first = file.find_first_not_of(" \t\r\n");
  const bool takes_quotes = kind == rcar::Tee::tdx || kind == rcar::Tee::sgx;
  if (!takes_quotes || first == std::string::npos || file[first] == '{') return file;
  const std::string_view text = std::string_view(file).substr(first);
  const auto hex = codec::hex_decode(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
  const Bytes quote = hex.ok() ? Bytes(*hex) : as_bytes(file);
  return "{\"quote\":\"" + codec::base64_encode(quote) + "\"}";
}

Result<Verdict> verify(const VerifyOptions& o, rcar::Tee kind, Time now) {
  TRY(const std::string evidence, evidence_of(o, kind));
  TRY(const auto report_data, hex_option(o.report_data));
  TRY(const auto init_data, hex_option(o.init_data));
  TRY(amd::RootSet roots, amd::RootSet::built_in());
  tee::Trust trust{std::move(roots), {}, true};
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

Result<std::shared_ptr<const appraise::Policy>> policy_of(const VerifyOptions& o,
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

Result<Appraised> appraise_set(const VerifyOptions& o, const claims::ClaimSet& set,
                               const rego::ReferenceSet& references) {
  const std::string id = "default_" + std::string(rcar::to_string(set.tee_class));
  TRY(const auto policy, policy_of(o, id));
  TRY(json::Object input,
      appraise::annotate(set, o.tee, json::Value(), json::Value(), appraise::Verbosity::full));
  TRY(auto outcome, appraise::evaluate(*policy, json::write(input), {references}));
  return Appraised{std::move(input), std::move(std::get<appraise::Appraisal>(outcome))};
}

json::Object vector_json(const appraise::TrustVector& vector) { return vector.to_json(); }

json::Object to_json(const VerifyOptions& o, Time now, const Verdict& verdict,
                     const std::vector<Appraised>& appraised) {
  json::Object out;
  out.append("tee", o.tee);
  out.append("at", codec::rfc3339_seconds(now));
  out.append("verified", !verdict.refusal.has_value());
  if (verdict.refusal) {
    out.append("code", verdict.refusal->code().id());
    out.append("actor", to_string(verdict.refusal->code().actor()));
    out.append("reason", tee::upstream_text(*verdict.refusal));
    out.append("detail", verdict.refusal->to_string());
  }
  json::Array sets;
  for (const auto& a : appraised) {
    json::Object set;
    set.append("status", appraise::to_string(a.appraisal.status));
    set.append("trustworthiness_vector", vector_json(a.appraisal.vector));
    set.append("policy", a.appraisal.policy_id);
    set.append("claims", a.claims);
    json::Array asked;
    for (const auto& query : a.appraisal.queries) {
      json::Object q;
      q.append("name", query.name);
      q.append("registered", query.found);
      asked.emplace_back(std::move(q));
    }
    set.append("reference_values", std::move(asked));
    sets.emplace_back(std::move(set));
  }
  out.append("appraisals", std::move(sets));
  return out;
}

void print_for_person(const VerifyOptions& o, Time now, const Verdict& verdict,
                      const std::vector<Appraised>& appraised) {
  std::printf("%s evidence %s, as of %s\n", o.tee.c_str(), o.file.c_str(),
              codec::rfc3339_seconds(now).c_str());
  if (verdict.refusal) {
    std::printf("NOT VERIFIED: %s\n  code %s, %s must act\n  %s\n",
                tee::upstream_text(*verdict.refusal).c_str(), verdict.refusal->code().id().c_str(),
                std::string(to_string(verdict.refusal->code().actor())).c_str(),
                verdict.refusal->to_string().c_str());
    return;
  }
  const bool snp = o.tee == rcar::to_string(rcar::Tee::snp);
  std::printf("verified: signature, endorsement chain to the vendor's root, TCB%s%s%s\n",
              snp ? ", VMPL" : "", o.report_data ? ", report data" : "",
              o.init_data ? ", init data" : "");
  for (const auto& a : appraised) {
    std::printf("\nclaims\n%s\n", json::write_pretty(a.claims).c_str());
    std::printf("\nappraisal by policy %s: %s\n", a.appraisal.policy_id.c_str(),
                std::string(appraise::to_string(a.appraisal.status)).c_str());
    std::printf("  %s\n", json::write(vector_json(a.appraisal.vector)).c_str());
    std::string missing;
    for (const auto& query : a.appraisal.queries) {
      if (!query.found) missing += (missing.empty() ? "" : ", ") + query.name;
    }
    if (!missing.empty()) {
      std::printf("  reference values asked for and not registered: %s\n", missing.c_str());
    }
  }
}

}  // namespace

Result<int> run_verify(const VerifyOptions& o) {
  TRY(const Time now, time_of(o));
  const auto kind = rcar::tee_from_name(o.tee);
  if (!kind) return Error(reload::Errc::material_invalid, "unknown TEE " + o.tee);
  TRY(const Verdict verdict, verify(o, *kind, now));
  TRY(const rego::ReferenceSet references, references_of(o.references));
  std::vector<Appraised> appraised;
  for (const auto& set : verdict.claim_sets) {
    TRY(Appraised a, appraise_set(o, set, references));
    appraised.push_back(std::move(a));
  }
  if (o.json) {
    std::printf("%s\n", json::write_pretty(to_json(o, now, verdict, appraised)).c_str());
  } else {
    print_for_person(o, now, verdict, appraised);
  }
  return verdict.refusal ? kRefused : 0;
}

}  // namespace trustee::apps
