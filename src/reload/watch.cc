#include "reload/watch.h"

#include "base/try.h"
#include "reload/every_second.h"
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

}  // namespace

Watch::Watch(net::HttpClient& client, Notice notice)
    : notice_(std::move(notice)),
      fetched_(client, [this](std::string text) { notice_(Outcome::refused, std::move(text)); }) {}

Result<void> Watch::start(Watched watched, Time now) {
  Entry entry{std::move(watched), {}};
  for (const Source& source : entry.watched.sources) {
    if (is_remote(source.at)) {
      TRY_VOID(fetched_.follow(source, entry.watched.name, now));
    }
    // Asked before reading: a change in between is then found at the first look.
    entry.seen.push_back({source, fingerprint_of(source)});
  }
  TRY_VOID(entry.watched.take(now));
  entries_.push_back(std::move(entry));
  return {};
}

void Watch::look(Time now, const std::stop_token& stop) {
  for (Entry& entry : entries_) {
    if (stop.stop_requested()) return;
    const bool change = changed(entry);
    // What was refused for another cause than its content, an outage for example, is tried again.
    if (change || (entry.again && is_due(*entry.again, now))) bring_up_to_date(entry, now, change);
    if (entry.watched.expire) entry.watched.expire(now);
  }
}

// Cheap, and asked again and again.
std::string Watch::fingerprint_of(const Source& source) const {
  if (is_remote(source.at)) return std::to_string(fetched_.version(source));
  switch (source.kind) {
    case Source::Kind::directory:
      return fingerprint_of_directory(source.at);
    case Source::Kind::text:
    case Source::Kind::jwk_set:
      break;
  }
  return fingerprint(local_path(source.at));
}

bool Watch::changed(Entry& entry) {
  bool out = false;
  for (Seen& seen : entry.seen) {
    std::string found = fingerprint_of(seen.source);
    out = out || found != seen.fingerprint;
    seen.fingerprint = std::move(found);
  }
  return out;
}

void Watch::bring_up_to_date(Entry& entry, Time now, bool change) {
  auto taken = entry.watched.take(now);
  for (int i = 1; i < kTries && changed(entry); ++i) {
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
    : fetching_([&watch, &clock](const std::stop_token& stop) {
        every_second("watch-urls", stop, [&] { watch.fetch(clock.now(), stop); });
      }),
      looking_([&watch, &clock](const std::stop_token& stop) {
        every_second("watch-files", stop, [&] { watch.look(clock.now(), stop); });
      }) {}

}  // namespace trustee::reload
