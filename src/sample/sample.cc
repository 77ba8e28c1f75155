#include "sample/sample.h"

#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "sample/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<sample::Evidence> {
  static Verified<sample::Evidence> seal(sample::Evidence e) { return Verified(std::move(e)); }
};

}  // namespace trustee::claims

namespace trustee::sample {

namespace {

Error malformed(const Error& cause) { return {Errc::evidence_malformed, cause.to_string()}; }

Result<void> check_report_data(const Evidence& evidence, const claims::Expected& expected) {
  if (!expected.report_data.has_value()) return {};  // nothing was given to compare with
  auto seen = codec::base64_decode(evidence.report_data);
  if (!seen.ok()) return malformed(seen.error());
  if (equal(*seen, *expected.report_data)) return {};
  return Errc::report_data_mismatch;
}

}  // namespace

Result<Evidence> parse_evidence(std::string_view json) {
  auto document = json::parse(json, json::Duplicates::refuse, {.bytes = kMaxEvidence});
  if (!document.ok()) return malformed(document.error());
  auto object = json::object_of(*document, "sample evidence");
  if (!object.ok()) return malformed(object.error());
  auto svn = json::string_member(**object, "svn");
  if (!svn.ok()) return malformed(svn.error());
  Evidence evidence{**svn, ""};
  if ((*object)->contains("report_data")) {
    auto report_data = json::string_member(**object, "report_data");
    if (!report_data.ok()) return malformed(report_data.error());
    evidence.report_data = **report_data;
  }
  return evidence;
}

Result<claims::Verified<Evidence>> verify(Evidence evidence, const claims::Expected& expected) {
  TRY_VOID(check_report_data(evidence, expected));
  return claims::VerifierOf<Evidence>::seal(std::move(evidence));
}

claims::ClaimSet claims_of_sample(const claims::Verified<Evidence>& evidence,
                                  const claims::Expected& expected) {
  json::Object claims{
      {"svn", evidence->svn},     {"report_data", evidence->report_data},
      {"launch_digest", "abcde"}, {"platform_version", json::Object{{"major", 1}, {"minor", 4}}},
      {"debug", false},
  };
  if (expected.init_data_hash.has_value()) {
    claims.append("init_data", codec::base64_encode(*expected.init_data_hash));
  }
  return {std::move(claims), claims::TeeClass::cpu};
}

claims::ClaimSet claims_of_sample_device(const claims::Verified<Evidence>& evidence) {
  return {json::Object{{"svn", evidence->svn}, {"report_data", evidence->report_data}},
          claims::TeeClass::gpu};
}

}  // namespace trustee::sample
