#include "collateral/retry.h"

#include <algorithm>

#include "codec/time.h"

namespace trustee::collateral {

namespace {

constexpr std::uint32_t kMaxDoublings = 20;

Duration back_off(const FailedAttempt& attempt, const RetryRule& rule) {
  const std::uint32_t made = std::max(attempt.attempts, 1U);
  const std::uint32_t doublings = std::min(made - 1, kMaxDoublings);
  Duration delay = std::min(rule.first_delay, rule.max_delay);
  for (std::uint32_t i = 0; i < doublings && delay < rule.max_delay; ++i) {
    delay = std::min(delay * 2, rule.max_delay);
  }
  const auto jitter = static_cast<Duration::rep>(std::min(attempt.jitter_percent, 100U));
  return delay - delay * jitter / 200;
}

}  // namespace

Attempt attempt_of_status(int status) {
  if (status == 200) return Attempt::answered;
  if (status == 429 || status == 503) return Attempt::overloaded;
  if (status >= 400 && status < 500) return Attempt::absent;
  return Attempt::failed;
}

NextStep next_step(const FailedAttempt& attempt, const RetryRule& rule, Time now, Time deadline) {
  if (attempt.how == Attempt::absent) return GiveUp::absent;
  if (attempt.attempts >= rule.max_attempts) return GiveUp::attempts_used_up;
  const Duration delay = attempt.retry_after.value_or(back_off(attempt, rule));
  if (now + delay >= deadline) return GiveUp::deadline_too_near;
  return RetryAfter{delay};
}

std::optional<Duration> parse_retry_after(std::string_view value, Time now) {
  constexpr Duration kDay = std::chrono::hours(24);
  if (const auto date = codec::parse_http_date(value); date.ok()) {
    return std::clamp(Duration(*date - now), Duration::zero(), kDay);
  }
  if (value.empty() || value.size() > 9) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = seconds * 10 + (c - '0');
  }
  return std::min<Duration>(std::chrono::seconds(seconds), kDay);
}

}  // namespace trustee::collateral
