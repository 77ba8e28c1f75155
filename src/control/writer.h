#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/lru_map.h"
#include "base/mutex.h"
#include "control/cache.h"
#include "k8s/client.h"
#include "operator/decide.h"

namespace trustee::control {

/// So many objects of which the server keeps less than was applied are remembered: one that is
/// forgotten is applied once more.
inline constexpr std::size_t kMostPruned = 256;

/// What carrying a decision out came to.
struct Outcome {
  bool wrote = false;          ///< anything but events
  std::optional<Error> error;  ///< the first; what could be done besides was done
  std::string failed;          ///< `Kind name` of the object it was about
  /// Kinds of objects that were not made or applied; each is at most once in a decision.
  std::set<std::string, std::less<>> failed_kinds;
  bool status_failed = false;
  bool objects_written = true;  ///< what is there to be written beside the status is written
  /// The status was made without knowing that a write is refused or fails, or of one that is
  /// written by now: a later decision says what holds.
  bool status_deferred = false;
};

/// What a decision was made of.
struct Basis {
  const operators::Snapshot& snapshot;
  bool knows_unwritten = false;  ///< that one of these writes is refused, or fails
};

/// Whether what an event tells has come to pass: `<Kind>Created` and `<Kind>Updated` with their
/// object, all others with the status, from which the next decision knows that they were told.
bool came_true(const operators::Event& event, const Outcome& outcome);

/// Whether a write is forbidden because the operator's role lacks a right: RBAC names the verb and
/// the resource. A quota or an admission webhook forbids one object and not a kind.
bool lacks_right(const Error& error);

/// Why a write's error, should it last, is told in the status. Nothing: it passes, or is told by an
/// event.
std::optional<operators::Unwritten> why_unwritten(const Error& error);

/// What no new attempt mends: forbidden or invalid. It is told in the status, or by an event where
/// that is refused, too.
bool is_refusal(const Error& error);

/// Carries decisions out: makes what is missing, applies what differs, deletes, writes the status.
/// Writes nothing that stands already, and over nothing that somebody wrote where users edit
/// (`conflict`: to be decided anew). Ends between two objects once the client is ending. One thread
/// for each owner. Source  operator.md section 11.5, rules C2 and C3.
class Writer {
 public:
  /// Lifetime  references outlive it.
  Writer(k8s::Client& client, Cache& cache) : client_(client), cache_(cache) {}

  /// `owner` as read, of `kind`.
  Outcome carry_out(const operators::Decision& decision, const Basis& basis, const Kind& kind,
                    const json::Object& owner);

 private:
  /// What the server made of a body, where it keeps less than was applied.
  struct Pruned {
    std::string intent;  ///< the body
    std::string uid;
    std::string mark;
  };

  bool note(Outcome& outcome, const operators::ObjectRef& object, const Result<bool>& written);
  Result<bool> create(const json::Object& body, const operators::ObjectRef& object);
  Result<bool> apply(const json::Object& body, const operators::ObjectRef& object,
                     const operators::Snapshot& decided_on);
  Result<json::Object> apply_known(const Kind& kind, json::Object body,
                                   const k8s::WriteOptions& options);
  Result<std::string> adopt(const Kind& kind, const operators::ObjectRef& object,
                            const json::Object& stored);
  Result<bool> remove(const operators::Removal& removal);
  Result<bool> write_status(const Kind& kind, const json::Object& owner,
                            const json::Object& status);
  Result<bool> drop_finalizer(const Kind& kind, const json::Object& owner,
                              const std::string& finalizer);
  bool stands_pruned(const operators::ObjectRef& object, const json::Object& body,
                     const json::Object& stored);

  k8s::Client& client_;
  Cache& cache_;
  Mutex mutex_;
  LruMap<operators::ObjectRef, Pruned> pruned_ TRUSTEE_GUARDED_BY(mutex_){kMostPruned};
};

}  // namespace trustee::control
