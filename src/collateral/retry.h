#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "collateral/freshness.h"

namespace trustee::collateral {

/// How one attempt at a vendor's service ended.
enum class Attempt : std::uint8_t {
  answered,     ///< 200
  absent,       ///< 404, 410 and other 4xx: asking again will not help
  overloaded,   ///< 429, 503
  failed,       ///< other 5xx, a broken or unusable answer
  unreachable,  ///< no connection, time-out
};

/// The class of an HTTP status.
Attempt attempt_of_status(int status);

struct RetryRule {
  std::uint32_t max_attempts = 4;
  Duration first_delay = std::chrono::milliseconds(200);
  Duration max_delay = std::chrono::seconds(5);
};

struct RetryAfter {
  Duration delay{};
};
enum class GiveUp : std::uint8_t {
  absent,  ///< the service has no such document
  attempts_used_up,
  deadline_too_near,  ///< the wait would end after the deadline
};
using NextStep = std::variant<RetryAfter, GiveUp>;

/// What was seen so far of one fetch.
struct FailedAttempt {
  Attempt how = Attempt::failed;        ///< not `answered`
  std::uint32_t attempts = 1;           ///< made so far, this one included
  std::optional<Duration> retry_after;  ///< what the service asked for
  std::uint32_t jitter_percent = 0;     ///< 0 to 100, drawn by the caller
};

/// Whether to ask again and when: the delay doubles with each attempt, is cut to `max_delay`, then
/// shortened by up to half by the jitter; a service's own Retry-After is obeyed as it is, however
/// long. Nothing is planned that would start after `deadline`.
NextStep next_step(const FailedAttempt& attempt, const RetryRule& rule, Time now, Time deadline);

/// Retry-After, as seconds or as a date; a date that has passed is no wait, anything else is
/// nothing. Bounded by a day. Source: RFC 9110 10.2.3.
std::optional<Duration> parse_retry_after(std::string_view value, Time now);

}  // namespace trustee::collateral
