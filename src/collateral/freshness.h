#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace trustee::collateral {

using Duration = std::chrono::microseconds;

/// When a document was got and how long its issuer stands by it.
struct Validity {
  Time fetched_at;
  Time valid_until;  ///< the earliest end of anything in it (nextUpdate, notAfter)
  friend bool operator==(const Validity&, const Validity&) = default;
};

/// How eagerly documents are renewed.
struct RefreshRule {
  /// A document is renewed when this part of its life has passed, in percent of
  /// [fetched_at, valid_until].
  std::uint32_t refresh_at_percent = 50;
  /// and not later than so long after it was got, however long it lives.
  Duration max_age = std::chrono::hours(24);
  /// How long past `valid_until` a document still serves when nothing better can be had.
  Duration grace = Duration::zero();
};

/// What a document is good for at some time.
enum class Freshness : std::uint8_t {
  fresh,        ///< use it
  refresh_due,  ///< use it, and get a new one in the background
  in_grace,     ///< past its date; use it only when no new one can be had, and say so in the claims
  expired,      ///< do not use it
};

/// A document from the future (clock set back) counts as refresh_due, never as fresh.
Freshness freshness_at(const Validity& validity, const RefreshRule& rule, Time now);
/// When the document becomes refresh_due.
Time refresh_time(const Validity& validity, const RefreshRule& rule);

}  // namespace trustee::collateral
