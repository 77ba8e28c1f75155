#pragma once

#include <chrono>
#include <stop_token>

namespace trustee::k8s {

/// A moment that no change of the machine's date moves.
using Instant = std::chrono::steady_clock::time_point;

/// Waiting and chance: what makes retries take time. Replaced in tests. Any thread.
class Pace {
 public:
  virtual ~Pace() = default;
  virtual Instant now() const = 0;
  /// Waits; false at once when a stop is asked for.
  virtual bool sleep(std::chrono::milliseconds time, const std::stop_token& stop) = 0;
  /// Waits until now() is `moment`; false at once when a stop is asked for. Other than sleep() it
  /// lets no time pass of its own: it watches how others do.
  virtual bool wait_until(Instant moment, const std::stop_token& stop) = 0;
  /// Evenly from [0, 1). Not for secrets.
  virtual double chance() = 0;
};

/// How long an API server that has just started may forbid everything, and serve no kind but its
/// own: until it has read its roles and definitions. A refusal is to be believed after that.
inline constexpr std::chrono::seconds kStartupRefusals{2};

/// The machine's.
class SystemPace final : public Pace {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  bool sleep(std::chrono::milliseconds time, const std::stop_token& stop) override;
  bool wait_until(Instant moment, const std::stop_token& stop) override;
  double chance() override;
};

/// Waits that double from failure to failure, each spread by a fifth up and down.
struct Backoff {
  std::chrono::milliseconds first{800};
  std::chrono::milliseconds ceiling{30000};

  /// The wait after `failures` failures in a row (1 or more); `chance` from [0, 1).
  std::chrono::milliseconds after(unsigned failures, double chance) const;
};

}  // namespace trustee::k8s
