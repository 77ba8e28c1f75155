#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "reload/fetched.h"

namespace trustee::reload {

/// Something that the configuration names by files or URLs, and that may change while we serve.
struct Watched {
  std::string name;  ///< as the log calls it: `token signing key`
  std::vector<Source> sources;
  /// Loads what the sources hold, checks it and puts it in force; blocks. What URLs answered is to
  /// be taken from `Watch::texts`. Errors: why it is unusable; what was in force before is then
  /// untouched.
  std::function<Result<void>(Time now)> take;
  /// Called with every look: ends what is in force only for a time. May be empty.
  std::function<void(Time now)> expire{};
};

/// Keeps what the configuration names in step with its files and URLs, all of it by one rule: what
/// changed is loaded and checked aside, then put in force; what is unusable is refused with one
/// notice for each change, tried again every five minutes, and the last good one stays in force.
/// Files may be replaced, written in place, or switched behind a symbolic link, several at once, as
/// kubelet does; what is switched while it is read is read again. No file waits for a URL: URLs are
/// asked by `fetch`, which may have a thread of its own; the rest is called from one at a time.
class Watch {
 public:
  enum class Outcome : std::uint8_t { reloaded, refused };
  using Notice = std::function<void(Outcome, std::string)>;  ///< for the operator's log; any thread

  /// Lifetime: `client` outlives it.
  Watch(net::HttpClient& client, Notice notice);

  /// What sources hold, URLs as of their last good answer.
  Texts& texts() { return fetched_; }
  /// Takes it for the first time, and watches it from then on. Errors: those of `take`.
  Result<void> start(Watched watched, Time now);
  /// Brings everything in step. Cost: one stat for each file; what changed is loaded. Ends early,
  /// between two of the watched, when `stop` is asked for.
  void look(Time now, const std::stop_token& stop = {});
  /// Asks the URLs that are due; another answer is taken at the next look. Cost: blocks, for ten
  /// seconds for each URL, or until `stop`.
  void fetch(Time now, const std::stop_token& stop = {}) { fetched_.renew(now, stop); }

 private:
  /// A source with what it was when its content was taken.
  struct Seen {
    Source source;
    std::string fingerprint;
  };
  struct Entry {
    Watched watched;
    std::vector<Seen> seen;
    std::optional<Time> again{};  ///< when what was refused is tried again
    std::string refusal{};        ///< why it was, as the operator knows
  };

  std::string fingerprint_of(const Source& source) const;
  bool changed(Entry& entry);
  void bring_up_to_date(Entry& entry, Time now, bool change);

  const Notice notice_;
  Fetched fetched_;
  std::vector<Entry> entries_;
};

/// Has a watch look once a second, and fetch, on a thread of its own for each, from its creation to
/// its end, which ends what is being fetched. Lifetime: watch and clock outlive it.
class Lookout {
 public:
  Lookout(Watch& watch, const Clock& clock);

 private:
  std::jthread fetching_;
  std::jthread looking_;
};

}  // namespace trustee::reload
