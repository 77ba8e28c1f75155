#include "apps/trustee/verify.h"

#include <cstdio>

#include "base/try.h"
#include "codec/json.h"
#include "codec/time.h"
#include "tee/tee.h"

namespace trustee::apps {
namespace {

constexpr int kRefused = 4;

/// The policy's input as it was given.
json::Value claims_of(const decision::Device& device) {
  auto claims = json::parse(device.annotated_evidence);
  return claims.ok() ? std::move(*claims) : json::Value();
}

json::Object vector_json(const appraise::TrustVector& vector) { return vector.to_json(); }

json::Object to_json(const VerifyOptions& o, const FileAppraisal& got) {
  json::Object out;
  out.append("tee", o.evidence.tee);
  out.append("at", codec::rfc3339_seconds(got.at));
  out.append("verified", !got.refusal.has_value());
  if (got.refusal) {
    out.append("code", got.refusal->code().id());
    out.append("actor", to_string(got.refusal->code().actor()));
    out.append("reason", tee::upstream_text(*got.refusal));
    out.append("detail", got.refusal->to_string());
  }
  json::Array sets;
  for (const auto& a : got.devices) {
    json::Object set;
    set.append("status", appraise::to_string(a.appraisal.status));
    set.append("trustworthiness_vector", vector_json(a.appraisal.vector));
    set.append("policy", a.appraisal.policy_id);
    set.append("claims", claims_of(a));
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

// What the verifier of a TEE checked apart from the bindings, in a few words.
const char* checks_of(rcar::Tee tee) {
  switch (tee) {
    case rcar::Tee::tpm:
      return "quote signature, PCR selection, PCR values; not whose key it is";
    case rcar::Tee::az_snp_vtpm:
      return "vTPM quote, PCR values, SNP report, endorsement chain to the vendor's root, TCB, "
             "VMPL";
    case rcar::Tee::az_tdx_vtpm:
      return "vTPM quote, PCR values, TD quote, endorsement chain to the vendor's root, TCB";
    case rcar::Tee::snp:
      return "signature, endorsement chain to the vendor's root, TCB, VMPL";
    case rcar::Tee::tdx:
    case rcar::Tee::sgx:
      return "signature, endorsement chain to the vendor's root, TCB";
    case rcar::Tee::sample:
    case rcar::Tee::sample_device:
      return "form only; sample evidence proves nothing";
    case rcar::Tee::nvidia:
    case rcar::Tee::nvidia_dpu:
    case rcar::Tee::cca:
    case rcar::Tee::csv:
    case rcar::Tee::se:
    case rcar::Tee::hygon_dcu:
      return "nothing";  // no verifier here: never reached
  }
  return "nothing";
}

void print_for_person(const VerifyOptions& o, const FileAppraisal& got) {
  std::printf("%s evidence %s, as of %s\n", o.evidence.tee.c_str(), o.evidence.file.c_str(),
              codec::rfc3339_seconds(got.at).c_str());
  if (got.refusal) {
    std::printf("NOT VERIFIED: %s\n  code %s, %s must act\n  %s\n",
                tee::upstream_text(*got.refusal).c_str(), got.refusal->code().id().c_str(),
                std::string(to_string(got.refusal->code().actor())).c_str(),
                got.refusal->to_string().c_str());
    return;
  }
  std::printf("verified: %s%s%s\n", checks_of(got.kind),
              o.evidence.report_data ? ", report data" : "",
              o.evidence.init_data ? ", init data" : "");
  for (const auto& a : got.devices) {
    std::printf("\nclaims\n%s\n", json::write_pretty(claims_of(a)).c_str());
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

Result<int> run_verify(const VerifyOptions& o, const tee::Trust& trust) {
  TRY(const FileAppraisal got, appraise_file(o.evidence, trust));
  if (o.json) {
    std::printf("%s\n", json::write_pretty(to_json(o, got)).c_str());
  } else {
    print_for_person(o, got);
  }
  return got.refusal ? kRefused : 0;
}

}  // namespace trustee::apps
