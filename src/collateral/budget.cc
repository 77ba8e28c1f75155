#include "collateral/budget.h"

#include <algorithm>

namespace trustee::collateral {

void TokenBucket::count(Time now) {
  if (now < counted_to_) {  // the clock was set back: start counting from there
    counted_to_ = now;
    return;
  }
  const Duration period = std::max(rule_.period, Duration(1));
  const auto periods = (now - counted_to_) / period;
  const auto missing = static_cast<std::int64_t>(rule_.burst - tokens_);
  if (periods >= missing) {
    tokens_ = rule_.burst;
    counted_to_ = now;
  } else {
    tokens_ += static_cast<std::uint32_t>(periods);
    counted_to_ += period * periods;
  }
}

bool TokenBucket::has(Time now) {
  count(now);
  return tokens_ > 0;
}

bool TokenBucket::take(Time now) {
  if (!has(now)) return false;
  --tokens_;
  return true;
}

bool TokenBucket::full(Time now) {
  count(now);
  return tokens_ == rule_.burst;
}

Spend FetchBudget::spend(std::string_view peer, Time now) {
  TokenBucket* own = peers_.find(peer);
  if (own == nullptr) own = peers_.put(std::string(peer), TokenBucket(rules_.per_peer, now));
  if (!own->has(now)) return Spend::peer_exhausted;
  if (!all_.take(now)) return Spend::all_exhausted;
  (void)own->take(now);
  return Spend::granted;
}

}  // namespace trustee::collateral
