#include "collateral/renewal.h"

#include <algorithm>

namespace trustee::collateral {

namespace {
constexpr std::uint32_t kMaxDoublings = 20;
}

Renewal after_failure(const Renewal& renewal, const RenewalRule& rule, Time now) {
  Duration delay = std::min(rule.first_delay, rule.max_delay);
  for (std::uint32_t i = 0; i < std::min(renewal.failures, kMaxDoublings); ++i) {
    delay = std::min(delay * 2, rule.max_delay);
  }
  return {renewal.failures + 1, now + delay};
}

Time renewal_time(const Validity& validity, const RefreshRule& refresh, const Renewal& renewal) {
  return std::max(refresh_time(validity, refresh), renewal.not_before);
}

bool serves_at_once(Freshness freshness, const Renewal& renewal) {
  switch (freshness) {
    case Freshness::fresh:
    case Freshness::refresh_due:
      return true;
    case Freshness::in_grace:
      return renewal.failures > 0;
    case Freshness::expired:
      return false;
  }
  return false;
}

}  // namespace trustee::collateral
