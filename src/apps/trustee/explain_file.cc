#include "apps/trustee/explain_file.h"

#include <cstdio>

#include "appraise/default_policies.h"
#include "appraise/ear.h"
#include "authz/errors.h"
#include "authz/resource_path.h"
#include "authz/resource_policy.h"
#include "base/try.h"
#include "decision/explanation_text.h"
#include "decision/release.h"
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
  const auto decided = policy.check_claims(claims, request);
  decision::add_release(record, request, std::move(claims), policy, decided);
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
  TRY_VOID(decide(record, got, policy, o.resource));
  return record;
}

/// What a server compares and nothing was given for here: a verdict that says nothing of it.
struct Unchecked {
  std::string_view name;
  std::string_view text;
};

std::vector<Unchecked> unchecked(const EvidenceFile& o) {
  std::vector<Unchecked> out;
  if (!o.report_data) {
    out.push_back({"report_data",
                   "report data were not checked (--report-data): the evidence may be an old one, "
                   "or of somebody else's session"});
  }
  if (!o.init_data) {
    out.push_back({"init_data",
                   "init data were not checked (--init-data): the machine may have been started "
                   "with others"});
  }
  return out;
}

std::string text_of(const ExplainFileOptions& o, const decision::Record& record,
                    const std::vector<decision::Explanation>& explained) {
  std::string out = decision::to_text("evidence " + o.evidence.file, record, explained);
  for (const Unchecked& one : unchecked(o.evidence)) {
    out += std::string(one.text) + "\n";
  }
  return out;
}

/// The same with `not_checked`: names, of `report_data` and `init_data`.
std::string json_of(const ExplainFileOptions& o, const decision::Record& record,
                    const std::vector<decision::Explanation>& explained) {
  json::Array names;
  for (const Unchecked& one : unchecked(o.evidence)) {
    names.emplace_back(one.name);
  }
  json::Object out = decision::to_json(record, explained);
  out.append("not_checked", std::move(names));
  return json::write_pretty(std::move(out)) + "\n";
}

}  // namespace

Result<int> run_explain_file(const ExplainFileOptions& o, const tee::Trust& trust) {
  TRY(const decision::Record record, record_of(o, trust));
  const auto explained = decision::explain(record, SystemClock());
  const std::string text = o.json ? json_of(o, record, explained) : text_of(o, record, explained);
  std::fputs(text.c_str(), stdout);
  return record.verdict == decision::Verdict::released ? 0 : kRefused;
}

}  // namespace trustee::apps
