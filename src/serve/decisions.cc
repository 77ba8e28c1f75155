#include "serve/decisions.h"

#include "crypto/digest.h"
#include "decision/release.h"

namespace trustee::serve {

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

Decisions::Shared Decisions::released(const Release& release, const authz::CheckedToken& token,
                                      const authz::ResourceRequest& request,
                                      const authz::ResourcePolicy& policy) {
  decision::Record record;
  // The appraisal behind the token explains a status the policy does not like. Only a refusal needs
  // it.
  const bool allowed = release.decided.ok();
  const Shared appraisal = allowed ? nullptr : appraisal_of(token.digest());
  if (appraisal != nullptr) {
    record.evidence = appraisal->evidence;
    record.devices = appraisal->devices;
    record.references = appraisal->references;
  }
  record.request_id = release.request_id;
  record.time = release.time;
  record.generation = release.generation;
  decision::add_release(record, request, token.claims_text(), policy, release.decided);
  auto shared = std::make_shared<const decision::Record>(std::move(record));
  ring_.add(shared);
  return shared;
}

void Decisions::withheld(const decision::Record& allowed, const Error& why) {
  decision::Record record = allowed;
  decision::withhold(record, why);
  ring_.add(std::make_shared<const decision::Record>(std::move(record)));
}

}  // namespace trustee::serve
