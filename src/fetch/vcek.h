#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "amd/kds.h"
#include "amd/roots.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/lru_map.h"
#include "base/mutex.h"
#include "base/result.h"
#include "collateral/budget.h"
#include "fetch/internal/single_flight.h"
#include "fetch/kds.h"
#include "fetch/offline_store.h"
#include "fetch/ports.h"
#include "kv/store.h"

namespace trustee::fetch {

/// Where VCEKs may be had.
using VcekSource = std::variant<Kds::Settings, OfflineStore>;

/// Gets VCEKs for evidence that came without: from memory, from the persistent cache, else from the
/// configured sources in their order; a source that fails or gives something useless is passed
/// over. What is returned and kept chains to the roots and endorses what was asked for; dates and
/// all that depends on a policy are left to verification. Those who ask for the same key at the
/// same time share one fetch. Asking KDS costs the peer and everybody a token of the budget.
/// Blocking; safe from many threads.
class VcekFetcher {
 public:
  struct Settings {
    std::vector<VcekSource> sources{Kds::Settings{}};
    collateral::FetchBudget::Rules budget;
    std::size_t cache_capacity = 4096;
  };
  /// Lifetime: the references outlive the fetcher. `persistent` may be null: then restarts forget.
  struct Ports {
    HttpGet& http;
    Waiting& waiting;
    const Clock& clock;
    std::shared_ptr<kv::Namespace> persistent;
  };
  VcekFetcher(Settings settings, Ports ports);

  /// DER. `peer`: whose evidence asks, for the budget.
  /// Errors  vcek_unavailable (the detail has each source's reason), peer_budget_exhausted,
  ///         budget_exhausted, deadline_exceeded.
  Result<ByteVec> get(const amd::VcekRequest& request, const amd::RootSet& roots,
                      std::string_view peer, Time deadline);

 private:
  struct Cached {
    ByteVec der;
    Time not_after;
    ByteArray<32> roots;  ///< fingerprint of the roots it was accepted under
  };
  /// What one caller asks.
  struct Question {
    const amd::VcekRequest& request;
    const amd::Roots& roots;
    std::string name;
    std::string_view peer;
    Time deadline;
  };

  Result<ByteVec> find(const Question& q);
  Result<ByteVec> fetch(const Question& q);
  Result<ByteVec> ask(const VcekSource& source, const Question& q);
  Result<void> spend(const Question& q);
  Result<ByteVec> accept(Bytes data, const Question& q);
  Result<ByteVec> recall(const Question& q);
  void remember(const Question& q, Bytes der);

  Settings settings_;
  Ports ports_;
  internal::SingleFlight<ByteVec> flights_;
  Mutex mutex_;
  collateral::FetchBudget budget_ TRUSTEE_GUARDED_BY(mutex_);
  LruMap<std::string, Cached> cache_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::fetch
