#pragma once

#include <map>
#include <memory>
#include <string>

#include "authz/resource_policy.h"
#include "base/lru_map.h"
#include "base/mutex.h"
#include "decision/record.h"
#include "decision/ring.h"

namespace trustee::serve {

/// What was decided lately, for `explain`: attestations by their request, and releases, which bring
/// along the appraisal that their token came from. Bounded; safe from many threads.
class Decisions {
 public:
  using Shared = std::shared_ptr<const decision::Record>;
  static constexpr std::size_t kTokens = 1024;

  Decisions() : ring_(decision::Ring::Limits{}), by_token_(kTokens) {}

  /// `token`: what was issued, or empty when the attestation was refused.
  void attested(decision::Record record, std::string_view token);

  /// A decision of the resource policy.
  struct Release {
    RequestId request_id;
    Time time;
    std::uint64_t generation = 0;
    Result<void> decided;
  };
  /// The record that was made of it.
  Shared released(const Release& release, const authz::CheckedToken& token,
                  const authz::ResourceRequest& request, const authz::ResourcePolicy& policy);
  /// The guest got nothing although the policy allowed it: from now on the request's record is
  /// `allowed` with that refusal.
  void withheld(const decision::Record& allowed, const Error& why);

  /// The record of a request, or null when it is not known (any more).
  Shared find(std::string_view request_id) const { return ring_.find(request_id); }

 private:
  Shared appraisal_of(const ByteArray<32>& token_digest);

  decision::Ring ring_;
  Mutex mutex_;
  LruMap<ByteArray<32>, std::weak_ptr<const decision::Record>> by_token_
      TRUSTEE_GUARDED_BY(mutex_);  // the ring alone keeps records: it is bounded in bytes
};

}  // namespace trustee::serve
