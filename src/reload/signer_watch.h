#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "config/types.h"
#include "world/worlds.h"

namespace trustee::reload {

/// Keeps the key that signs attestation tokens in step with the files that name it. When they
/// change, what they hold signs from then on; the key before it stays published and trusted until
/// its last token has expired. Files that hold no usable key and certificate are refused with a
/// notice, once for each change, and the old key goes on. A key that no file names lives with the
/// process. Safe from many threads.
class SignerWatch {
 public:
  using Notice = std::function<void(std::string)>;  ///< for the operator's log; any thread

  /// `trusts_own`: tokens are believed for having been signed here (`trust_builtin_as`).
  SignerWatch(config::TokenBroker broker, bool trusts_own, world::Worlds& worlds, Notice notice);

  /// Whether the files changed, or a key of earlier must be forgotten. Looks once a second; the
  /// first look finds the files changed. Cost: a comparison, else one stat for each file.
  bool stale(Time now);
  /// Brings the world up to date. Cost: blocks.
  void refresh(Time now);

 private:
  void load(Time now) TRUSTEE_REQUIRES(writer_);
  void put_in_force(appraise::SignerRing ring);

  const config::TokenBroker broker_;
  const bool trusts_own_;
  const std::vector<std::string> paths_;
  world::Worlds& worlds_;
  Notice notice_;
  std::atomic<Time> looked_;
  Mutex writer_;
  std::string seen_ TRUSTEE_GUARDED_BY(writer_);
};

}  // namespace trustee::reload
