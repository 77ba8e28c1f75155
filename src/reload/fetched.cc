#include "reload/fetched.h"

#include "base/try.h"
#include "reload/errors.h"

namespace trustee::reload {

bool is_due(Time due, Time now) { return now >= due || now + kBetweenFetches < due; }

Result<void> Fetched::follow(const Source& source, const std::string& name, Time now) {
  {
    MutexLock lock(mutex_);
    if (const auto known = answers_.find(source); known != answers_.end()) {
      known->second.asked_for_by += ", " + name;
      return {};
    }
  }
  TRY(std::string text, AskedAnew(client_).of(source));
  MutexLock lock(mutex_);
  Answer& answer = answers_[source];
  answer.text = std::move(text);
  answer.asked_for_by = name;
  answer.due = now + kBetweenFetches;
  return {};
}

std::vector<Source> Fetched::take_due(Time now) {
  MutexLock lock(mutex_);
  std::vector<Source> out;
  for (auto& [source, answer] : answers_) {
    if (!is_due(answer.due, now)) continue;
    answer.due = now + kBetweenFetches;
    out.push_back(source);
  }
  return out;
}

void Fetched::renew(Time now, const std::stop_token& stop) {
  AskedAnew asked(client_, stop);
  for (const Source& source : take_due(now)) {
    if (stop.stop_requested()) return;
    auto answer = asked.of(source);
    if (stop.stop_requested()) return;  // what it failed for is no outage
    note(source, std::move(answer));
  }
}

void Fetched::note(const Source& source, Result<std::string> answer) {
  MutexLock lock(mutex_);
  Answer& known = answers_[source];
  const bool first = !answer.ok() && !known.unreachable;
  known.unreachable = !answer.ok();
  if (first) {
    notice_(known.asked_for_by +
            " cannot be fetched, the last good one stays in force: " + answer.error().to_string());
  }
  if (!answer.ok() || *answer == known.text) return;
  known.text = std::move(*answer);
  ++known.version;
}

std::uint64_t Fetched::version(const Source& source) const {
  MutexLock lock(mutex_);
  const auto known = answers_.find(source);
  return known == answers_.end() ? 0 : known->second.version;
}

Result<std::string> Fetched::of(const Source& source) {
  if (!is_remote(source.at)) return read_local(source.at);
  MutexLock lock(mutex_);
  const auto known = answers_.find(source);
  if (known == answers_.end()) return Error(Errc::jwks_unavailable, source.at + ": never asked");
  return known->second.text;
}

}  // namespace trustee::reload
