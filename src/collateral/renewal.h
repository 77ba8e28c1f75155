#pragma once

#include <cstdint>

#include "collateral/freshness.h"

namespace trustee::collateral {

/// How attempts to renew one document went. A value.
struct Renewal {
  std::uint32_t failures = 0;  ///< in a row, since the last success
  Time not_before{};           ///< the next attempt
  friend bool operator==(const Renewal&, const Renewal&) = default;
};

struct RenewalRule {
  Duration first_delay = std::chrono::seconds(30);
  Duration max_delay = std::chrono::hours(1);
};

/// After one failure more: the delay doubles up to its limit.
Renewal after_failure(const Renewal& renewal, const RenewalRule& rule, Time now);

/// When the background should try to renew a document: when it is due, but not while a failure is
/// still fresh.
Time renewal_time(const Validity& validity, const RefreshRule& refresh, const Renewal& renewal);

/// Whether the document serves a request at once. A document in grace does as soon as an attempt to
/// renew it has failed: nobody waits for what the background already tries.
bool serves_at_once(Freshness freshness, const Renewal& renewal);

}  // namespace trustee::collateral
