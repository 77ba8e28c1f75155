#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authz/token_trust.h"
#include "base/mutex.h"
#include "world/world.h"

namespace trustee::serve {

/// Tokens that were checked already, by the SHA-256 of the text they came in (a token or a sealed
/// cookie). What is kept is the proof: an entry holds only under the trust settings and the session
/// keys it was checked with, and only until it expires. Bounded in number and in bytes of claims:
/// the longest unused goes. Safe from many threads.
class TokenCache {
 public:
  struct Limits {
    std::size_t entries = 4096;
    /// Of the claims' text; parsed they take a few times that. Guests choose how large theirs are.
    std::size_t bytes = 16U << 20U;
  };
  explicit TokenCache(Limits limits) : limits_(limits) {}
  TokenCache() : TokenCache(Limits()) {}

  /// Null when there is none that was checked under the world's trust and session keys and is
  /// usable at `now`.
  std::shared_ptr<const authz::CheckedToken> find(std::string_view text, const world::World& world,
                                                  Time now);
  /// `valid_until`: the entry is not found after this time (the session's end, for a cookie).
  void put(std::string_view text, const world::World& world,
           std::shared_ptr<const authz::CheckedToken> token, Time valid_until);
  std::size_t size();

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const authz::TokenTrust> trust;
    std::shared_ptr<const authz::CookieKeyRing> session_keys;
    std::shared_ptr<const authz::CheckedToken> token;
    Time valid_until;
  };
  using Order = std::list<Entry>;
  using Index = std::unordered_map<std::string, Order::iterator>;

  void erase(Index::iterator it) TRUSTEE_REQUIRES(mutex_);

  const Limits limits_;
  Mutex mutex_;
  std::size_t bytes_ TRUSTEE_GUARDED_BY(mutex_) = 0;
  Order order_ TRUSTEE_GUARDED_BY(mutex_);  // most recently used first
  Index entries_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::serve
