#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "control/cache.h"
#include "control/index.h"
#include "control/nudge.h"
#include "control/operator_metrics.h"
#include "control/writer.h"
#include "k8s/events.h"
#include "k8s/queue.h"
#include "log/logger.h"
#include "operator/decide.h"

namespace trustee::control {

/// What all reconcilers share. Lifetime: everything outlives them.
struct Desk {
  k8s::Client& client;
  const Clock& clock;
  Cache& cache;
  Index& index;
  k8s::EventWriter& events;
  const operators::KeySource& fresh_keys;
  OperatorMetrics& metrics;
  log::Logger logger;
  std::string ns;                             ///< the operator's
  std::function<operators::Images()> images;  ///< as the environment has them now
  std::function<Result<std::optional<operators::OpenShift>>()> open_shift;
};

/// One of the two decisions.
using DecideOwner = operators::Decision (*)(const json::Object&, const operators::Snapshot&,
                                            const operators::Surroundings&,
                                            const operators::KeySource&);

/// The loop of one configuration kind: gather, decide, apply, for each key of its queue. One
/// worker thread.
class Reconciler {
 public:
  /// `controller` is the name in metrics, e.g. `kbsconfig`.
  Reconciler(Desk desk, const Kind& kind, DecideOwner decide, std::string controller);

  k8s::Queue& queue() { return queue_; }
  std::size_t nudge_remembers() const { return nudge_.remembered(); }
  const Kind& kind() const { return kind_; }
  void add(const k8s::Key& key);
  /// Works until stopped. Waits for the cache to settle first.
  void run(const std::stop_token& stop);
  /// One key, for run() and tests. Errors: what is to be tried again.
  Result<void> reconcile(const k8s::WorkKey& key);

 private:
  struct Written {
    json::Object status;
    std::string uid;  ///< of the object that it was written for
  };
  struct Decided {
    operators::Decision decision{};
    operators::Snapshot snapshot{};  ///< what it was made of
    bool knows_unwritten = false;
  };
  struct Untold {
    std::vector<k8s::Occurrence> events{};
    unsigned tellings = 0;  ///< in a row, none of which succeeded wholly
    k8s::Instant not_before{};
  };
  struct Trouble {
    k8s::Instant since;
    std::string failed;  ///< `Kind name` of what is not written
    std::string text;    ///< the API server's
    operators::Unwritten why = operators::Unwritten::no_right;
    bool lasts = false;                           ///< no API server that starts says so
    bool told = false;                            ///< a decision knew of it
    std::optional<k8s::Instant> failing_since{};  ///< not refused any more since then, but failing
  };

  operators::Surroundings surroundings(const k8s::WorkKey& key);
  Result<Decided> decided(const json::Object& owner, const k8s::WorkKey& key);
  /// When the API server has forbidden for a while what the decision is made from, the status says
  /// so. Shape: whether it has.
  bool tell_refused_read(const json::Object& owner, const k8s::WorkKey& key, const Error& error);
  /// Writes events, and those that were refused before. What is refused now is tried again.
  void tell(const json::Object& owner, const k8s::WorkKey& key,
            const std::vector<operators::Event>& events);
  /// `otherwise`: a status tells of it, if it lasts.
  void tell_failure(const json::Object& owner, const k8s::WorkKey& key, const std::string& what,
                    const Error& error, bool otherwise);
  void tell_recovery(const k8s::WorkKey& key);
  /// Whether the decision that is made now is to know of it.
  bool is_to_be_told(const Trouble& trouble);
  /// Whether `next` is told from now on; notes in `known` since when it has been failing instead.
  static bool is_replaced(Trouble& known, const Trouble& next);
  /// Remembers, for the next decision, whether what this one writes is refused or fails.
  void note_unwritten(const k8s::WorkKey& key, const Outcome& outcome);
  /// Has pods look at their volumes when what they mount has changed, whatever else was refused.
  void nudge(const k8s::WorkKey& key, const std::vector<operators::ObjectRef>& wants);
  void forget(const k8s::WorkKey& key);
  bool wait_for_cache(const std::stop_token& stop);
  void work_on(const k8s::WorkKey& key);

  Desk desk_;
  const Kind& kind_;
  const DecideOwner decide_;
  const std::string controller_;
  k8s::Queue queue_;
  Writer writer_;
  Nudge nudge_;
  std::map<k8s::WorkKey, Written> written_;
  std::map<k8s::WorkKey, std::string> failures_;        ///< told last: no event is repeated
  std::map<k8s::WorkKey, k8s::Instant> refused_reads_;  ///< since when
  std::map<k8s::WorkKey, Trouble> unwritten_;
  std::map<k8s::WorkKey, unsigned> nudge_failures_;  ///< in a row
  std::map<k8s::WorkKey, Untold> untold_;            ///< without success so far
};

}  // namespace trustee::control
