#pragma once

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "config/types.h"
#include "fetch/engine.h"
#include "fetch/intel_sets.h"
#include "fetch/net_get.h"
#include "fetch/ports.h"
#include "kv/store.h"
#include "metrics/collateral_metrics.h"
#include "tee/tee.h"

namespace trustee::serve {

/// The documents of all hardware vendors, from the sources that the configuration names, and what
/// of them a verification asks for. Safe from many threads.
class VendorDocuments {
 public:
  struct Ports {
    const Clock& clock;
    /// Where documents outlive the process and reach other replicas; null: nowhere.
    std::shared_ptr<kv::Namespace> store{};
    metrics::CollateralMetrics* metrics = nullptr;
    collateral::FetchBudget::Rules budget{};
  };
  /// Lifetime: the clock and the metrics outlive it. Errors: those of the HTTP client;
  /// intel::service_url_malformed.
  static Result<std::unique_ptr<VendorDocuments>> create(const config::Verifiers& config,
                                                         const tee::Trust& trust, Ports ports);

  fetch::Engine& engine() { return *engine_; }

  /// Hands in what `needs` names, if all of it is at hand. Never waits for a store or a vendor.
  /// Errors: those of intel::combine.
  Result<bool> give_at_once(const tee::Needs& needs, tee::Collateral& collateral);
  /// The same, whatever it takes until the deadline. Blocking.
  /// Errors  those of fetch::Engine::get and intel::combine.
  Result<void> give(const tee::Needs& needs, const fetch::Asker& asker,
                    tee::Collateral& collateral);

 private:
  VendorDocuments() = default;

  std::unique_ptr<fetch::NetGet> http_;
  fetch::RealWaiting waiting_;
  std::unique_ptr<fetch::Engine> engine_;
  std::unique_ptr<fetch::IntelSets> intel_;
};

}  // namespace trustee::serve
