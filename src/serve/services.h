#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "kbs/attempts.h"
#include "kbs/route.h"
#include "kbs/vault.h"
#include "kv/store.h"
#include "log/logger.h"
#include "metrics/kbs_metrics.h"
#include "net/compute_pool.h"
#include "net/http.h"
#include "serve/token_cache.h"
#include "world/worlds.h"

namespace trustee::serve {

/// The namespaces the KBS works on.
struct Namespaces {
  std::shared_ptr<kv::Namespace> policies;              ///< `kbs`
  std::shared_ptr<kv::Namespace> resources;             ///< `repository`
  std::shared_ptr<kv::Namespace> sessions;              ///< `kbs_protocol_session`
  std::shared_ptr<kv::Namespace> attestation_policies;  ///< `attestation_service_policy`
  std::shared_ptr<kv::Namespace> references;            ///< `reference_value`
  /// `vendor_collateral`; null where nothing outlives the process.
  std::shared_ptr<kv::Namespace> collateral;
  bool sessions_in_memory = false;  ///< then they have less room
  bool blocking = true;  ///< false when every call answers from memory: no thread change is needed
};

/// What does not change while the server runs.
struct Settings {
  std::chrono::minutes session_lifetime{5};
  std::set<std::string> plugins;  ///< URL names of those configured
};

/// One request with the world it sees.
struct Context {
  net::Request request;
  kbs::Route route;
  std::shared_ptr<const world::World> world;
  Time now;
  std::optional<Error> refusal;  ///< why the answer is a refusal, for the log
};

}  // namespace trustee::serve
