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

/// What an election tells. Each may be empty.
struct ElectionCalls {
  std::function<void()> on_leading{};              ///< once, when the lease is held
  std::function<void()> on_stopping{};             ///< before it is given up
  std::function<void(const Error&)> on_trouble{};  ///< an attempt failed
};

/// One candidate for a Lease. Used by one thread.
class Election {
 public:
  /// Lifetime  references outlive it.
  Election(Client& client, const Clock& clock, Key lease, std::string identity,
           LeaseTerms terms = {});

  /// One attempt to get or renew the lease. Shape: whether it is held now, for certain.
  /// Errors  those of the client but conflict, which means that another was faster.
  Result<bool> attempt();
  /// Gives the lease up, if held, so that others need not wait.
  Result<void> release();
  /// Waits for the lease, calls `on_leading`, renews until stopped, calls `on_stopping`, gives the
  /// lease up. Errors: lease_lost (then without `on_stopping`: there is no time).
  Result<void> hold(const std::stop_token& stop, const ElectionCalls& calls);

  const std::string& identity() const { return identity_; }

 private:
  Result<bool> claim(json::Object lease);
  bool may_take(const json::Object& spec);
  bool wait(const std::stop_token& stop);
  Result<bool> told_attempt(const ElectionCalls& calls);

  Client& client_;
  const Clock& clock_;
  const Key lease_;
  const std::string identity_;
  const LeaseTerms terms_;
  json::Object held_;        ///< as last written by us; empty when not held
  std::string seen_holder_;  ///< of another holder: what we saw of its last renewal, and when
  std::string seen_renewal_;
  Instant seen_at_{};
};

}  // namespace trustee::k8s
