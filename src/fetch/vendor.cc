#include "fetch/vendor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

using collateral::Attempt;

/// One attempt: the answer, or what to decide the next step on.
struct Vendor::Tried {
  std::optional<HttpAnswer> answer;
  Attempt how = Attempt::unreachable;
  std::optional<Duration> retry_after;
  std::string detail;
};

namespace {

Errc code_of(Attempt how) {
  switch (how) {
    case Attempt::absent:
      return Errc::not_found;
    case Attempt::overloaded:
      return Errc::overloaded;
    case Attempt::unreachable:
      return Errc::unreachable;
    case Attempt::answered:
    case Attempt::failed:
      return Errc::service_failed;
  }
  return Errc::service_failed;
}

Error too_late(const std::string& url) {
  return Error(Errc::overloaded, "its turn would come after the deadline, " + url);
}

}  // namespace

Result<HttpAnswer> Vendor::get(const std::string& url, Time deadline) {
  for (std::uint32_t attempts = 1;; ++attempts) {
    if (clock_.now() >= deadline) return Error(Errc::deadline_exceeded, url);
    TRY(Tried tried, attempt(url, deadline));
    if (tried.answer.has_value()) return std::move(*tried.answer);
    const auto step =
        collateral::next_step({tried.how, attempts, tried.retry_after, waiting_.jitter_percent()},
                              settings_.retry, clock_.now(), deadline);
    const auto* again = std::get_if<collateral::RetryAfter>(&step);
    if (again == nullptr) return Error(code_of(tried.how), tried.detail + ", " + url);
    waiting_.pause(again->delay);
  }
}

Result<Vendor::Tried> Vendor::attempt(const std::string& url, Time deadline) {
  if (settings_.interval > Duration::zero()) return attempt_in_turn(url, deadline);
  TRY_VOID(wait_for_rest(url, deadline));
  return ask(url, deadline);
}

Result<Vendor::Tried> Vendor::attempt_in_turn(const std::string& url, Time deadline) {
  {
    MutexLock lock(mutex_);
    if (!pace_.enter(clock_.now(), deadline)) return too_late(url);
  }
  const std::unique_lock turn(turn_, deadline - clock_.now());
  const auto ready = turn.owns_lock() ? wait_for_rest(url, deadline) : Result<void>(too_late(url));
  if (!ready.ok()) {
    MutexLock lock(mutex_);
    pace_.leave();
    return ready.error();
  }
  Tried tried = ask(url, deadline);
  MutexLock lock(mutex_);
  pace_.asked(clock_.now());
  return tried;
}

/// Waits until the service wants to be asked again.
Result<void> Vendor::wait_for_rest(const std::string& url, Time deadline) {
  const Time now = clock_.now();
  Time start = now;
  {
    MutexLock lock(mutex_);
    start = pace_.earliest(now);
  }
  if (start >= deadline) return too_late(url);
  if (start > now) waiting_.pause(start - now);
  return {};
}

Vendor::Tried Vendor::ask(const std::string& url, Time deadline) {
  const Duration left = std::max(deadline - clock_.now(), Duration(1000));
  auto answer = http_.get(url, std::min(left, settings_.attempt_timeout));
  if (!answer.ok()) {
    return {std::nullopt, Attempt::unreachable, std::nullopt, answer.error().to_string()};
  }
  const Attempt how = collateral::attempt_of_status(answer->status);
  if (how == Attempt::answered) return {std::move(*answer), how, std::nullopt, {}};
  std::optional<Duration> retry_after;
  if (const std::string* text = answer->headers.find("retry-after"); text != nullptr) {
    retry_after = collateral::parse_retry_after(*text, clock_.now());
  }
  Tried tried{std::nullopt, how, retry_after, "status " + std::to_string(answer->status)};
  note_rest(tried);
  return tried;
}

void Vendor::note_rest(const Tried& tried) {
  if (tried.how != Attempt::overloaded) return;
  MutexLock lock(mutex_);
  pace_.rest_until(clock_.now() + tried.retry_after.value_or(settings_.retry.first_delay));
}

}  // namespace trustee::fetch
