#include "apps/trustee/explain_file.h"

#include <cstdio>

#include "appraise/default_policies.h"
#include "appraise/ear.h"
#include "appraise/findings.h"
#include "authz/errors.h"
#include "authz/resource_path.h"
#include "authz/resource_policy.h"
#include "base/try.h"
#include "decision/explanation_text.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

constexpr int kRefused = 4;
constexpr std::string_view kDefaultResourcePolicy = "resource_affirming";
constexpr std::string_view kBasePolicy = "default";

Result<authz::ResourcePolicy> resource_policy(const ExplainFileOptions& o) {
  if (o.resource_policy) {
    TRY(const std::string text, reload::read_file(*o.resource_policy));
    return authz::ResourcePolicy::compile(text);
  }
  for (const auto& shipped : appraise::resource_policies()) {
    if (shipped.id == kDefaultResourcePolicy) return authz::ResourcePolicy::compile(shipped.text);
  }
  return Error(reload::Errc::material_invalid, "no resource policy ships; give one");
}

Result<authz::ResourceRequest> request_for(const std::string& path) {
  TRY(const auto checked, authz::ResourcePath::parse(path));
  authz::ResourceRequest request{"resource", {}, {}};
  std::string_view rest = checked.text();
  for (std::size_t end = rest.find('/'); end != std::string_view::npos; end = rest.find('/')) {
    request.path.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  request.path.emplace_back(rest);
  return request;
}

/// The claims of the token that the appraisals would give.
Result<std::string> token_claims(const FileAppraisal& got) {
  std::vector<appraise::Submodule> submodules;
  for (const decision::Device& device : got.devices) {
    submodules.push_back({device.submodule, device.appraisal, device.annotated_evidence});
  }
  return appraise::ear_payload({}, kBasePolicy, submodules, got.at);
}

/// Asks the resource policy, and writes down what it takes to ask again.
Result<void> decide(decision::Record& record, const FileAppraisal& got,
                    const authz::ResourcePolicy& policy, const std::string& path) {
  TRY(const authz::ResourceRequest request, request_for(path));
  TRY(std::string claims, token_claims(got));
  const auto allowed = policy.check_claims(claims, request);
  record.verdict = allowed.ok() ? decision::Verdict::released : decision::Verdict::refused;
  if (!allowed.ok()) record.findings.add(finding::from_error(allowed.error()));
  record.release =
      decision::Release{"resource/" + path, std::move(claims), authz::policy_data(request),
                        policy.digest(),    policy.text(),     policy.policy()};
  return {};
}

Result<decision::Record> record_of(const ExplainFileOptions& o, const tee::Trust& trust) {
  TRY(const authz::ResourcePolicy policy, resource_policy(o));
  TRY_VOID(request_for(o.resource));
  TRY(const FileAppraisal got, appraise_file(o.evidence, trust));
  decision::Record record;
  record.time = got.at;
  record.references = got.references;
  if (got.refusal) {
    // Without a token every resource is refused; no policy is asked.
    record.findings.add(finding::from_error(*got.refusal));
    return record;
  }
  record.devices = got.devices;
  for (const decision::Device& device : record.devices) {
    record.findings.add_all(appraise::findings_of(device.appraisal, device.submodule));
  }
  TRY_VOID(decide(record, got, policy, o.resource));
  return record;
}

}  // namespace

Result<int> run_explain_file(const ExplainFileOptions& o, const tee::Trust& trust) {
  TRY(const decision::Record record, record_of(o, trust));
  TRY(const auto explained, decision::explain(record, SystemClock()));
  const std::string text =
      o.json ? json::write_pretty(decision::to_json(record, explained)) + "\n"
             : decision::to_text("evidence " + o.evidence.file, record, explained);
  std::fputs(text.c_str(), stdout);
  return record.verdict == decision::Verdict::released ? 0 : kRefused;
}

}  // namespace trustee::apps
