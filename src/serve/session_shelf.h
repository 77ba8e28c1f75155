#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "kv/store.h"

namespace trustee::serve {

/// The stored sessions: tokens too large for a cookie, under random ids, until their session ends.
/// Anybody who can attest may put some here, so their bytes are bounded; expired ones are removed
/// as new ones come. Calls block: run them on the I/O pool. Safe from many threads.
class SessionShelf {
 public:
  static constexpr std::size_t kMaxBytes = 512U << 20U;
  static constexpr std::size_t kMaxBytesInMemory = 32U << 20U;  ///< where the store is memory

  explicit SessionShelf(std::shared_ptr<kv::Namespace> sessions, std::size_t max_bytes = kMaxBytes)
      : sessions_(std::move(sessions)), max_bytes_(max_bytes) {}

  /// The id of the new session. Errors: kbs::overloaded (the shelf is full); of the store.
  Result<std::string> put(std::string_view token, Time expires, Time now);
  /// The token. An expired one is removed on the way. Errors: kbs::session_unknown,
  /// authz::session_expired; of the store.
  Result<std::string> take(const std::string& id, Time now);

 private:
  static constexpr int kLookEvery = 64;  ///< sessions put between two looks for expired ones
  bool wants_look(std::size_t bytes, Time now);
  void remove_expired(Time now);

  std::shared_ptr<kv::Namespace> sessions_;
  const std::size_t max_bytes_;
  Mutex mutex_;  // not held during calls of the store
  std::size_t bytes_ TRUSTEE_GUARDED_BY(mutex_) =
      0;  // as of the last look, plus what was put since
  int put_since_look_ TRUSTEE_GUARDED_BY(mutex_) = kLookEvery;
  Time next_look_ TRUSTEE_GUARDED_BY(mutex_) = Time::min();
};

}  // namespace trustee::serve
