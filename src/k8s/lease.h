#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "k8s/client.h"

namespace trustee::k8s {

/// The numbers of an election. Source: operator.md section 11.6.
struct LeaseTerms {
  std::chrono::seconds duration{15};  ///< others wait so long after the last renewal they saw
  std::chrono::seconds renew_deadline{10};
  std::chrono::seconds retry{2};
};

/// `2026-11-29T18:45:11.123456Z`: a Kubernetes MicroTime.
std::string micro_time(Time t);

/// What an election tells. Each may be empty; those without a thread come from that of hold() and
/// must not block, for nothing is renewed meanwhile.
struct ElectionCalls {
  std::function<void()> on_leading{};  ///< once, when the lease is held
  /// Before it is given up: returns when nothing is written any more. On a thread of its own, while
  /// the lease is renewed.
  std::function<void()> on_stopping{};
  std::function<void(const Error&)> on_trouble{};  ///< an attempt failed
  /// At most once, from any thread, whatever attempt is in progress: another may lead from now on,
  /// so writing must end at once.
  std::function<void(const Error&)> on_lost{};
};

class LeaseTerm;

/// One candidate for a Lease. Used by one thread.
class Election {
 public:
  /// `client` should make one attempt for each request, and a short one: the election tries again
  /// itself. Lifetime: references outlive it.
  Election(Client& client, const Clock& clock, Key lease, std::string identity,
           LeaseTerms terms = {});

  /// One attempt to get or renew the lease. One that was deleted is made anew, but not while
  /// another may still write by it. Shape: whether it is held now, for certain.
  /// Errors  those of the client but conflict, which means that another was faster.
  Result<bool> attempt();
  /// Gives the lease up, if it is ours, so that others need not wait. One attempt.
  Result<void> release();
  /// Waits for the lease, calls `on_leading`, renews until stopped, calls `on_stopping` and renews
  /// until that returns, gives the lease up, in three attempts at most. A lease counts from before
  /// the attempt that renewed it; when the deadline passes, even amid an attempt, `on_lost` is
  /// called. Stopped before it is certain of the lease, it gives up what an attempt without an
  /// answer may have got.
  /// Errors  lease_lost; those of the client when the lease cannot be given up.
  Result<void> hold(const std::stop_token& stop, const ElectionCalls& calls);

  const std::string& identity() const { return identity_; }

 private:
  /// Another's last renewal, and when we saw it first.
  struct Sighting {
    std::string holder;
    std::string renewal;
    std::chrono::seconds duration;  ///< of its lease
    Instant at;
  };

  bool is_over(const Sighting& seen) const;
  bool may_make() const;
  Result<bool> make();
  Result<bool> claim(json::Object lease);
  bool may_take(const json::Object& spec);
  Result<void> vacate(json::Object lease);
  Result<void> give_up();
  bool wait(const std::stop_token& stop);
  Result<bool> told_attempt(const ElectionCalls& calls);
  std::optional<Instant> win(const std::stop_token& stop, const ElectionCalls& calls);
  Result<void> renew(const std::stop_token& stop, LeaseTerm& term, const ElectionCalls& calls);

  Client& client_;
  const Clock& clock_;
  const Key lease_;
  const std::string identity_;
  const LeaseTerms terms_;
  bool may_hold_ = false;         ///< we wrote ourselves in, or tried, and saw no other since
  std::optional<Sighting> seen_;  ///< of another's lease, by the last attempt that read one
};

}  // namespace trustee::k8s
