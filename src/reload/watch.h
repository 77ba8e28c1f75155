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
#include "net/client.h"

namespace trustee::reload {

/// How often files are looked at, and how often what https URLs answer.
inline constexpr std::chrono::seconds kBetweenLooks{1};
inline constexpr std::chrono::minutes kBetweenFetches{5};

/// Where something in the configuration comes from.
struct Source {
  enum class Kind : std::uint8_t {
    text,       ///< a path, `file://…` or `https://…`
    jwk_set,    ///< the same; the URL may be the base of an OpenID provider
    directory,  ///< a path; its files count
  };
  Kind kind = Kind::text;
  std::string at;
};

/// Something that the configuration names by files or URLs, and that may change while we serve.
struct Watched {
  std::string name;  ///< as the log calls it: `token signing key`
  std::vector<Source> sources;
  /// Loads what the sources hold, checks it and puts it in force; blocks. Errors: why it is
  /// unusable; what was in force before is then untouched.
  std::function<Result<void>(Time now)> take;
  /// Called with every look: ends what is in force only for a time. May be empty.
  std::function<void(Time now)> expire{};
};

/// Keeps what the configuration names in step with its files and URLs, all of it by one rule: what
/// changed is loaded and checked aside, then put in force; what is unusable is refused with one
/// notice for each change, tried again every five minutes, and the last good one stays in force.
/// Files may be replaced, written in place, or switched behind a symbolic link, several at once, as
/// kubelet does; what is switched while it is read is read again. Called from one thread at a time.
class Watch {
 public:
  enum class Outcome : std::uint8_t { reloaded, refused };
  using Notice = std::function<void(Outcome, std::string)>;  ///< for the operator's log

  /// Lifetime: `client` outlives it.
  Watch(net::HttpClient& client, Notice notice) : client_(client), notice_(std::move(notice)) {}

  /// Takes it for the first time, and watches it from then on. Errors: those of `take`.
  Result<void> start(Watched watched, Time now);
  /// Brings everything in step. Cost: one stat for each file, a request for each URL that is due;
  /// what changed is loaded. Ends early, between two of the watched, when `stop` is asked for.
  void look(Time now, const std::stop_token& stop = {});

 private:
  /// A source with what it was when its content was taken.
  struct Seen {
    Source source;
    std::string fingerprint;
    Time due{};                ///< for URLs: not asked again before
    bool unreachable = false;  ///< the operator knows
  };
  struct Entry {
    Watched watched;
    std::vector<Seen> seen;
    std::optional<Time> again{};  ///< when what was refused is tried again
    std::string refusal{};        ///< why it was, as the operator knows
  };

  bool changed(Entry& entry, Time now);
  bool fetched_anew(const Entry& entry, Seen& seen, Time now);
  void bring_up_to_date(Entry& entry, Time now, bool change);

  net::HttpClient& client_;
  const Notice notice_;
  std::vector<Entry> entries_;
};

/// Has a watch look once a second, on a thread of its own, from its creation to its end.
/// Lifetime: watch and clock outlive it.
class Lookout {
 public:
  Lookout(Watch& watch, const Clock& clock);

 private:
  std::jthread thread_;
};

}  // namespace trustee::reload
