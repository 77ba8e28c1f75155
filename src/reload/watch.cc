#include "reload/watch.h"

#include <condition_variable>
#include <mutex>

#include "base/try.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "reload/files.h"
#include "reload/key_sources.h"

namespace trustee::reload {
namespace {

/// How often one change is read again because it went on while it was read.
constexpr int kTries = 5;

std::string fingerprint_of_directory(const std::string& path) {
  std::string out = fingerprint(path);
  const auto files = files_of(path);
  if (!files.ok()) return out;  // the loader says why
  for (const std::string& file : *files) {
    out += file + ":" + fingerprint(file) + ";";
  }
  return out;
}

/// Of what lies in files. Cheap, and asked again and again.
std::string local_fingerprint(const Source& source) {
  switch (source.kind) {
    case Source::Kind::directory:
      return fingerprint_of_directory(source.at);
    case Source::Kind::text:
    case Source::Kind::jwk_set:
      break;
  }
  return fingerprint(local_path(source.at));
}

Result<std::string> remote_fingerprint(const Source& source, net::HttpClient& client) {
  TRY(const std::string text, source.kind == Source::Kind::jwk_set
                                  ? load_jwk_set_text(source.at, client)
                                  : load_text(source.at, client));
  return codec::hex_encode(crypto::sha256(as_bytes(text)));
}

/// Within a period before `due` it is not; a clock that was set back must not end the looking.
bool is_due(Time due, Time now) { return now >= due || now + kBetweenFetches < due; }

}  // namespace

Result<void> Watch::start(Watched watched, Time now) {
  Entry entry{std::move(watched), {}};
  for (const Source& source : entry.watched.sources) {
    // Asked before reading: a change in between is then found at the first look.
    Seen seen{source, {}, now + kBetweenFetches, false};
    if (is_remote(source.at)) {
      TRY(seen.fingerprint, remote_fingerprint(source, client_));
    } else {
      seen.fingerprint = local_fingerprint(source);
    }
    entry.seen.push_back(std::move(seen));
  }
  TRY_VOID(entry.watched.take(now));
  entries_.push_back(std::move(entry));
  return {};
}

void Watch::look(Time now, const std::stop_token& stop) {
  for (Entry& entry : entries_) {
    if (stop.stop_requested()) return;
    const bool change = changed(entry, now);
    // What was refused for another cause than its content, an outage for example, is tried again.
    if (change || (entry.again && is_due(*entry.again, now))) bring_up_to_date(entry, now, change);
    if (entry.watched.expire) entry.watched.expire(now);
  }
}

bool Watch::fetched_anew(const Entry& entry, Seen& seen, Time now) {
  if (!is_due(seen.due, now)) return false;
  seen.due = now + kBetweenFetches;
  auto found = remote_fingerprint(seen.source, client_);
  if (!found.ok()) {
    if (!seen.unreachable) {
      notice_(Outcome::refused, entry.watched.name +
                                    " cannot be fetched, the last good one stays in force: " +
                                    found.error().to_string());
    }
    seen.unreachable = true;
    return false;
  }
  seen.unreachable = false;
  if (*found == seen.fingerprint) return false;
  seen.fingerprint = std::move(*found);
  return true;
}

bool Watch::changed(Entry& entry, Time now) {
  bool out = false;
  for (Seen& seen : entry.seen) {
    if (is_remote(seen.source.at)) {
      out = fetched_anew(entry, seen, now) || out;
      continue;
    }
    std::string found = local_fingerprint(seen.source);
    out = out || found != seen.fingerprint;
    seen.fingerprint = std::move(found);
  }
  return out;
}

void Watch::bring_up_to_date(Entry& entry, Time now, bool change) {
  auto taken = entry.watched.take(now);
  for (int i = 1; i < kTries && changed(entry, now); ++i) {
    taken = entry.watched.take(now);
  }
  if (taken.ok()) {
    entry.again.reset();
    entry.refusal.clear();
    return notice_(Outcome::reloaded, entry.watched.name + " reloaded");
  }
  entry.again = now + kBetweenFetches;
  std::string why = taken.error().to_string();
  if (change || why != entry.refusal) {
    notice_(
        Outcome::refused,
        entry.watched.name + " changed but is refused, the last good one stays in force: " + why);
  }
  entry.refusal = std::move(why);
}

Lookout::Lookout(Watch& watch, const Clock& clock)
    : thread_([&watch, &clock](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
          watch.look(clock.now(), stop);
          wake.wait_for(lock, stop, kBetweenLooks, [] { return false; });
        }
      }) {}

}  // namespace trustee::reload
