#include "serve/session_shelf.h"

#include <algorithm>

#include "authz/errors.h"
#include "base/try.h"
#include "codec/hex.h"
#include "crypto/random.h"
#include "kbs/errors.h"
#include "serve/stored_session.h"

namespace trustee::serve {
namespace {

constexpr std::chrono::seconds kLookPause{5};  // a full shelf is not searched for every newcomer
constexpr std::size_t kIdBytes = 16;

}  // namespace

Result<std::string> SessionShelf::put(std::string_view token, Time expires, Time now) {
  const ByteVec record = write_stored_session(token, expires);
  if (wants_look(record.size(), now)) remove_expired(now);
  {
    MutexLock lock(mutex_);
    if (record.size() > max_bytes_ - std::min(bytes_, max_bytes_)) {
      return Error(kbs::Errc::overloaded, "the stored sessions take all their room");
    }
    bytes_ += record.size();
    put_since_look_ += 1;
  }
  std::string id = codec::hex_encode(crypto::random_vec(kIdBytes));
  TRY_VOID(sessions_->put(id, record, kv::Overwrite::no));
  return id;
}

Result<std::string> SessionShelf::take(const std::string& id, Time now) {
  TRY(const std::optional<ByteVec> record, sessions_->get(id));
  if (!record) return kbs::Errc::session_unknown;
  auto token = read_stored_session(*record, now);
  if (!token.ok() && token.error().is(authz::Errc::session_expired)) {
    TRY_VOID(sessions_->remove(id));
  }
  return token;
}

bool SessionShelf::wants_look(std::size_t bytes, Time now) {
  MutexLock lock(mutex_);
  const bool full = bytes > max_bytes_ - std::min(bytes_, max_bytes_);
  if ((!full && put_since_look_ < kLookEvery) || now < next_look_) return false;
  next_look_ = now + kLookPause;
  return true;
}

void SessionShelf::remove_expired(Time now) {
  const auto keys = sessions_->list();
  if (!keys.ok()) return;  // the write that follows reports the store's state
  std::size_t left = 0;
  for (const auto& key : *keys) {
    const auto record = sessions_->get(key);
    if (!record.ok() || !*record) continue;
    const auto token = read_stored_session(**record, now);
    if (!token.ok() && token.error().is(authz::Errc::session_expired)) {
      if (sessions_->remove(key).ok()) continue;
    }
    left += (*record)->size();
  }
  MutexLock lock(mutex_);
  bytes_ = left;
  put_since_look_ = 0;
}

}  // namespace trustee::serve
