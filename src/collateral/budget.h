#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/lru_map.h"
#include "collateral/freshness.h"

namespace trustee::collateral {

/// So many at once, and one more each `period`.
struct BudgetRule {
  std::uint32_t burst = 0;
  Duration period = std::chrono::seconds(1);
};

/// Tokens that come back with time. A value; the caller locks.
class TokenBucket {
 public:
  TokenBucket(BudgetRule rule, Time now) : rule_(rule), tokens_(rule.burst), counted_to_(now) {}

  bool has(Time now);
  /// Takes one token; false when there is none.
  bool take(Time now);
  /// Full again: forgetting it loses nothing.
  bool full(Time now);

 private:
  void count(Time now);

  BudgetRule rule_;
  std::uint32_t tokens_;
  Time counted_to_;  ///< tokens that came back until here are counted
};

/// Why a fetch on behalf of unauthenticated evidence may not start.
enum class Spend : std::uint8_t { granted, peer_exhausted, all_exhausted };

/// One bucket for everybody and one per peer, so that one peer cannot use up what all share. A peer
/// that has used up its own takes nothing from the others. Bounded: of too many peers the longest
/// idle is forgotten. A value; the caller locks.
class FetchBudget {
 public:
  struct Rules {
    BudgetRule all{60, std::chrono::milliseconds(500)};
    BudgetRule per_peer{10, std::chrono::seconds(6)};
    std::size_t max_peers = 10000;
  };
  FetchBudget(Rules rules, Time now)
      : rules_(rules), all_(rules.all, now), peers_(std::max<std::size_t>(rules.max_peers, 1)) {}

  /// `peer`: the network address, without port.
  Spend spend(std::string_view peer, Time now);
  std::size_t peers() const { return peers_.size(); }

 private:
  Rules rules_;
  TokenBucket all_;
  LruMap<std::string, TokenBucket> peers_;
};

}  // namespace trustee::collateral
