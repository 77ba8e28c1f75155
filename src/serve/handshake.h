#pragma once

#include <string>
#include <vector>

#include "kbs/attempts.h"
#include "kbs/attestation.h"
#include "net/task.h"
#include "serve/blocking.h"
#include "serve/evaluator.h"
#include "serve/services.h"
#include "serve/session_shelf.h"

namespace trustee::serve {

/// `auth` and `attest` (kbs.md 5): a challenge sealed into a cookie, then evidence appraised and
/// the token sealed into the next cookie, or stored when it does not fit.
class Handshake {
 public:
  Handshake(SessionShelf& shelf, Settings settings, Evaluator& evaluator, StoreRunner store,
            metrics::KbsMetrics& metrics);

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

  SessionShelf& shelf_;
  Settings settings_;
  Evaluator& evaluator_;
  StoreRunner store_;
  metrics::KbsMetrics& metrics_;
  kbs::AttemptLedger attempts_;
};

}  // namespace trustee::serve
