#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "kbs/attempts.h"
#include "kbs/attestation.h"
#include "net/task.h"
#include "serve/blocking.h"
#include "serve/evaluator.h"
#include "serve/services.h"

namespace trustee::serve {

/// `auth` and `attest` (kbs.md 5): a challenge sealed into a cookie, then evidence appraised and
/// the token sealed into the next cookie, or stored when it does not fit.
class Handshake {
 public:
  Handshake(const Namespaces& namespaces, Settings settings, Evaluator& evaluator,
            net::ComputePool& io, metrics::KbsMetrics& metrics);

  net::Response auth(Context& context);
  net::Task<net::Response> attest(Context& context);

 private:
  struct Attested {
    std::string token;
    std::string cookie;
    Time expires;
  };

  net::Task<Result<Attested>> attested(Context& context);
  net::Task<Result<Attested>> repeat(Context& context, std::string cookie, authz::Session session);
  net::Task<Result<Attested>> appraise(Context& context, authz::OpenedSession opened);
  net::Task<Result<std::string>> seal(Context& context, std::string token, Time expires);
  net::Task<Result<void>> store_session(net::PeerKey peer, std::string id, ByteVec record,
                                        Time now);

  std::shared_ptr<kv::Namespace> sessions_;
  Settings settings_;
  Evaluator& evaluator_;
  StoreRunner store_;
  metrics::KbsMetrics& metrics_;
  kbs::AttemptLedger attempts_;
  std::atomic<std::uint64_t> stored_{0};
};

}  // namespace trustee::serve
