#include "fetch/kds.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

namespace {

using collateral::Attempt;

/// One attempt: the answer's body, or what to decide the next step on.
struct Tried {
  std::optional<ByteVec> body;
  Attempt how = Attempt::unreachable;
  std::optional<Duration> retry_after;
  std::string detail;
};

Tried try_once(HttpGet& http, const std::string& url, Duration timeout, const Clock& clock) {
  auto answer = http.get(url, timeout);
  if (!answer.ok())
    return {std::nullopt, Attempt::unreachable, std::nullopt, answer.error().to_string()};
  const Attempt how = collateral::attempt_of_status(answer->status);
  if (how == Attempt::answered) return {std::move(answer->body), how, std::nullopt, {}};
  std::optional<Duration> retry_after;
  if (const std::string* text = answer->headers.find("retry-after"); text != nullptr) {
    retry_after = collateral::parse_retry_after(*text, clock.now());
  }
  return {std::nullopt, how, retry_after, "status " + std::to_string(answer->status)};
}

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

}  // namespace

Result<ByteVec> Kds::vcek(const amd::VcekRequest& request, Time deadline) {
  TRY(const std::string url, amd::kds_vcek_url(settings_.base_url, request));
  return get(url, deadline);
}

Result<ByteVec> Kds::crl(amd::Product product, amd::VekKind kind, Time deadline) {
  return get(amd::kds_crl_url(settings_.base_url, product, kind), deadline);
}

Result<ByteVec> Kds::get(const std::string& url, Time deadline) {
  for (std::uint32_t attempts = 1;; ++attempts) {
    const Duration left = deadline - clock_.now();
    if (left <= Duration::zero()) return Error(Errc::deadline_exceeded, url);
    Tried tried = try_once(http_, url, std::min(left, settings_.attempt_timeout), clock_);
    if (tried.body.has_value()) return std::move(*tried.body);
    const auto step =
        collateral::next_step({tried.how, attempts, tried.retry_after, waiting_.jitter_percent()},
                              settings_.retry, clock_.now(), deadline);
    const auto* again = std::get_if<collateral::RetryAfter>(&step);
    if (again == nullptr) return Error(code_of(tried.how), tried.detail + ", " + url);
    waiting_.pause(again->delay);
  }
}

}  // namespace trustee::fetch
