#include "serve/token_cache.h"

#include "crypto/digest.h"

namespace trustee::serve {
namespace {

std::string key_of(std::string_view text) {
  const auto digest = crypto::sha256(as_bytes(text));
  return std::string(as_text(digest));
}

}  // namespace

std::shared_ptr<const authz::CheckedToken> TokenCache::find(std::string_view text,
                                                            const world::World& world, Time now) {
  const std::string key = key_of(text);
  MutexLock lock(mutex_);
  const auto it = entries_.find(key);
  if (it == entries_.end()) return nullptr;
  const Entry& entry = *it->second;
  const bool same = entry.trust == world.token_trust && entry.session_keys == world.cookie_keys;
  if (!same || entry.valid_until < now || !entry.token->usable_at(now)) {
    erase(it);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, it->second);
  return entry.token;
}

void TokenCache::put(std::string_view text, const world::World& world,
                     std::shared_ptr<const authz::CheckedToken> token, Time valid_until) {
  std::string key = key_of(text);
  MutexLock lock(mutex_);
  if (const auto it = entries_.find(key); it != entries_.end()) erase(it);
  const std::size_t bytes = token->claims_text().size();
  if (bytes > limits_.bytes || limits_.entries == 0) return;
  while (entries_.size() >= limits_.entries || bytes_ + bytes > limits_.bytes) {
    erase(entries_.find(order_.back().key));
  }
  bytes_ += bytes;
  order_.push_front({key, world.token_trust, world.cookie_keys, std::move(token), valid_until});
  entries_.emplace(std::move(key), order_.begin());
}

std::size_t TokenCache::size() {
  MutexLock lock(mutex_);
  return entries_.size();
}

void TokenCache::erase(Index::iterator it) {
  bytes_ -= it->second->token->claims_text().size();
  order_.erase(it->second);
  entries_.erase(it);
}

}  // namespace trustee::serve
