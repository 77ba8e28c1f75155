#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "reload/key_sources.h"

namespace trustee::reload {

/// How often https URLs are asked, and what was refused is tried again.
inline constexpr std::chrono::minutes kBetweenFetches{5};
/// Within a period before `due` it is not; a clock that was set back must not end the asking.
bool is_due(Time due, Time now);

/// What the https URLs of the configuration answered last: each is fetched once for all who name
/// it, and whoever wants its text gets that of the last good answer without waiting. Files are read
/// when they are asked for. Safe from many threads.
class Fetched final : public Texts {
 public:
  using Notice = std::function<void(std::string)>;  ///< for the operator's log; any thread

  /// Lifetime: `client` outlives it.
  Fetched(net::HttpClient& client, Notice notice) : client_(client), notice_(std::move(notice)) {}

  /// Fetches a URL for `name`, unless it is known, and has it renewed from then on; blocks. Errors:
  /// as AskedAnew's.
  Result<void> follow(const Source& source, const std::string& name, Time now);
  /// Asks every URL that is due; blocks, ten seconds for each, and ends early when `stop` is asked
  /// for. What cannot be fetched is told once for each outage.
  void renew(Time now, const std::stop_token& stop);

  /// Grows when the URL's answer is another one.
  std::uint64_t version(const Source& source) const;
  Result<std::string> of(const Source& source) override;

 private:
  struct Answer {
    std::string text;
    std::string asked_for_by;  ///< as the log calls it
    std::uint64_t version = 1;
    Time due{};                ///< not asked again before
    bool unreachable = false;  ///< the operator knows
  };

  std::vector<Source> take_due(Time now);
  void note(const Source& source, Result<std::string> answer);

  net::HttpClient& client_;
  const Notice notice_;
  mutable Mutex mutex_;
  std::map<Source, Answer> answers_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::reload
