#include "collateral/freshness.h"

#include <algorithm>

namespace trustee::collateral {

Time refresh_time(const Validity& validity, const RefreshRule& rule) {
  const Duration life = std::max(validity.valid_until - validity.fetched_at, Duration::zero());
  const auto percent = static_cast<Duration::rep>(std::min(rule.refresh_at_percent, 100U));
  // Divided first: a life of centuries times 100 would still fit, but need not be thought about.
  const Duration part(life.count() / 100 * percent);
  return validity.fetched_at + std::min(part, rule.max_age);
}

Freshness freshness_at(const Validity& validity, const RefreshRule& rule, Time now) {
  if (now > validity.valid_until + rule.grace) return Freshness::expired;
  if (now > validity.valid_until) return Freshness::in_grace;
  if (now < validity.fetched_at) return Freshness::refresh_due;
  return now < refresh_time(validity, rule) ? Freshness::fresh : Freshness::refresh_due;
}

}  // namespace trustee::collateral
