#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/lru_map.h"
#include "base/mutex.h"
#include "base/result.h"
#include "collateral/budget.h"
#include "collateral/document.h"
#include "collateral/renewal.h"
#include "fetch/document_kind.h"
#include "fetch/internal/single_flight.h"
#include "kv/store.h"
#include "metrics/collateral_metrics.h"

namespace trustee::fetch {

/// A document in force.
struct Held {
  Proof proof;
  Time issued_at;
  collateral::Validity validity;
};
using HeldPtr = std::shared_ptr<const Held>;

/// The proof of a document, which is of the kind that holds `P`.
template <class P>
const P& proof_of(const HeldPtr& held) {
  const P* proof = std::get_if<P>(&held->proof);
  TRUSTEE_CHECK(proof != nullptr);
  return *proof;
}

/// For whom a document is wanted, and how long they wait.
struct Asker {
  std::string_view peer;  ///< network address, for the budget
  Time deadline;
};

/// Keeps documents of vendors: one engine for all vendors and kinds. A document comes from memory,
/// else from the store, else from the kind's sources; nothing is served or kept that the kind did
/// not check. Those who ask for the same document at the same time share one fetch. Documents that
/// come due are renewed in the background (`renew_due`); the last good copy goes on serving as long
/// as the kind's rule allows. What no source has, and what failed a moment ago, is not asked for
/// again at once. Safe from many threads.
class Engine {
 public:
  struct Settings {
    collateral::FetchBudget::Rules budget;
    std::size_t remembered_refusals = 4096;
    Duration renewal_limit = std::chrono::seconds(15);  ///< for one renewal, retries included
  };
  /// Lifetime: the clock outlives the engine, and the metrics where there are any. `store` may be
  /// null: then restarts forget.
  struct Ports {
    const Clock& clock;
    std::shared_ptr<kv::Namespace> store{};
    metrics::CollateralMetrics* metrics = nullptr;
  };
  Engine(Settings settings, Ports ports, std::vector<std::unique_ptr<DocumentKind>> kinds);

  /// The document, if it is in memory and serves at once; null otherwise.
  /// Cost  one lock and one look-up; never waits for a store or a vendor.
  HeldPtr peek(const collateral::DocumentId& id);
  /// The document, whatever it takes until the deadline. Blocking: call it on the I/O pool.
  /// Errors  kind_unknown, peer_budget_exhausted, budget_exhausted, deadline_exceeded; those of the
  ///         kind.
  Result<HeldPtr> get(const collateral::DocumentId& id, const Asker& asker);

  /// Takes what others have put into the store (another replica, an imported bundle) since the last
  /// call, and at the first call everything: the documents of the kinds that are renewed, as far as
  /// there is room beside those in use. Others are looked up there when they are missed. One thread
  /// calls it. Blocking.
  /// Errors  of the store, the first there was; what could be read is in force all the same, and
  ///         the next call looks again.
  /// Cost    one look at the store's version while nothing changes.
  Result<void> follow_store();
  /// Renews every document that is due, one after the other, until `stopping`. Blocking.
  void renew_due(const std::function<bool()>& stopping = [] { return false; });
  /// When `renew_due` has something to do again, if ever.
  std::optional<Time> next_renewal();
  /// Brings ages and times to expiry up to date.
  void update_metrics();

  /// Checks a record and takes it as if it had been fetched. Errors: kind_unknown, answer_outdated
  /// (an earlier issue than the one held); those of the kind's check, of encode_record, and of the
  /// store: then it lies in memory only, if at all.
  Result<HeldPtr> accept(const collateral::DocumentId& id, const collateral::Record& record);

 private:
  struct Entry {
    HeldPtr held;
    collateral::Renewal renewal;
    std::uint64_t used = 0;  ///< a count that grows: the smallest was not used for longest
  };
  using Shelf = std::map<std::string, Entry, std::less<>>;  ///< by subject
  struct Refusal {
    Error error;
    Time until;
  };
  /// A document with its kind.
  struct Question {
    DocumentKind& kind;
    const collateral::DocumentId& id;
    const std::string key;
  };

  DocumentKind* kind_of(std::string_view name) const;
  HeldPtr serving(const Question& q);
  HeldPtr in_memory(const Question& q);
  HeldPtr last_good(const Question& q);
  std::optional<Error> refused(const Question& q);
  Result<HeldPtr> lead(const Question& q, Errand errand);
  Result<HeldPtr> fetch(const Question& q, Errand& errand);
  void note_failure(const Question& q, const Errand& errand, const Error& error);
  /// Where a document came from.
  enum class Origin : std::uint8_t { source, store };
  Result<HeldPtr> put(const Question& q, const collateral::RawDocument& document, Time fetched_at,
                      Origin origin);
  Result<HeldPtr> place(const Question& q, HeldPtr held, Origin origin);
  /// Whether a document is in memory or would displace none there.
  bool has_room(const Question& q);
  void make_room(Shelf& shelf, std::size_t capacity) TRUSTEE_REQUIRES(mutex_);
  /// Takes the store's copy unless it is the one in memory, an earlier one, or unusable. True when
  /// it did. Errors: of the store.
  Result<bool> recall(const Question& q);
  /// The same for those who can ask the vendor instead when the store cannot be read.
  bool recalled(const Question& q);
  /// Puts a document into the store, where there is one. Errors: of encode_record and the store.
  Result<void> remember(const Question& q, const collateral::RawDocument& document,
                        const Held& held);
  /// Puts bytes into the store; where this was the only change since `follow_store` looked, there
  /// is nothing to look for.
  Result<void> store(const std::string& key, Bytes bytes);
  Result<void> spend(const std::string& peer);
  std::vector<collateral::DocumentId> due(Time now);
  void renew(const collateral::DocumentId& id);

  const Settings settings_;
  const Ports ports_;
  const std::map<std::string, std::unique_ptr<DocumentKind>, std::less<>> kinds_;
  internal::SingleFlight<HeldPtr> flights_;
  Mutex mutex_;
  /// The store's version whose changes are all known here.
  std::optional<std::uint64_t> followed_ TRUSTEE_GUARDED_BY(mutex_);
  std::map<std::string, Shelf, std::less<>> shelves_ TRUSTEE_GUARDED_BY(mutex_);  ///< by kind
  std::uint64_t uses_ TRUSTEE_GUARDED_BY(mutex_) = 0;
  collateral::FetchBudget budget_ TRUSTEE_GUARDED_BY(mutex_);
  LruMap<std::string, Refusal> refusals_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::fetch
