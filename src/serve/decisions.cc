#include "serve/decisions.h"

#include "crypto/digest.h"

namespace trustee::serve {
namespace {

std::string resource_name(const authz::ResourceRequest& request) {
  std::string out = request.plugin;
  for (const auto& segment : request.path) {
    out += '/';
    out += segment;
  }
  return out;
}

}  // namespace

void Decisions::attested(decision::Record record, std::string_view token) {
  auto shared = std::make_shared<const decision::Record>(std::move(record));
  ring_.add(shared);
  if (token.empty()) return;
  const auto digest = crypto::sha256(as_bytes(token));
  MutexLock lock(mutex_);
  by_token_.put(digest, shared);
}

Decisions::Shared Decisions::appraisal_of(const ByteArray<32>& token_digest) {
  MutexLock lock(mutex_);
  const auto* found = by_token_.find(token_digest);
  return found == nullptr ? nullptr : found->lock();
}

void Decisions::released(const Release& release, const authz::CheckedToken& token,
                         const authz::ResourceRequest& request,
                         const authz::ResourcePolicy& policy) {
  decision::Record record;
  // The appraisal behind the token explains a status the policy does not like. Only a refusal needs
  // it.
  const Shared appraisal = release.allowed ? nullptr : appraisal_of(token.digest());
  if (appraisal != nullptr) {
    record.evidence = appraisal->evidence;
    record.devices = appraisal->devices;
    record.references = appraisal->references;
  }
  record.request_id = release.request_id;
  record.time = release.time;
  record.generation = release.generation;
  record.verdict = release.allowed ? decision::Verdict::released : decision::Verdict::refused;
  record.release =
      decision::Release{resource_name(request), token.claims_text(), authz::policy_data(request),
                        policy.digest(),        policy.text(),       policy.policy()};
  ring_.add(std::make_shared<const decision::Record>(std::move(record)));
}

}  // namespace trustee::serve
