#include "decision/release.h"

#include <utility>

#include "codec/utf8.h"

namespace trustee::decision {

namespace {

std::string resource_name(const authz::ResourceRequest& request) {
  std::string out = request.plugin;
  for (const auto& segment : request.path) {
    out += '/';
    out += segment;
  }
  return codec::utf8_lossy(out);
}

}  // namespace

void add_release(Record& record, const authz::ResourceRequest& request, std::string token_claims,
                 const authz::ResourcePolicy& policy, const Result<void>& decided) {
  record.verdict = decided.ok() ? Verdict::released : Verdict::refused;
  record.release = Release{resource_name(request),
                           std::move(token_claims),
                           authz::policy_data(request),
                           policy.digest(),
                           policy.text(),
                           policy.policy(),
                           decided.ok() ? std::nullopt : std::optional(decided.error())};
}

void withhold(Record& record, Error why) {
  record.verdict = Verdict::refused;
  if (record.release.has_value()) record.release->refusal = std::move(why);
}

}  // namespace trustee::decision
