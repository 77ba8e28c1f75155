#include "k8s/informer.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "codec/percent.h"

namespace trustee::k8s {
namespace {

constexpr int kShortestWatch = 300;  // seconds
constexpr int kWatchSpread = 300;
constexpr int kGone = 410;
constexpr std::chrono::seconds kLongestAskedWait{30};
/// A watch that lasted so long did its work even if nothing happened meanwhile.
constexpr std::chrono::seconds kLongEnough{5};

Keep keep_everything() {
  return [](json::Object object) { return std::optional<json::Object>(std::move(object)); };
}

Interest completed(Interest interest) {
  if (!interest.keep) interest.keep = keep_everything();
  return interest;
}

bool same_version(const ObjectPtr& a, const ObjectPtr& b) {
  if (a == nullptr || b == nullptr) return false;
  const std::string_view version = metadata_text(*a, "resourceVersion");
  return !version.empty() && version == metadata_text(*b, "resourceVersion");
}

/// An ERROR event carries a Status.
Error failure_in(const json::Object& status) {
  HttpAnswer answer;
  const json::Value* code = status.find("code");
  const json::Number* number = code == nullptr ? nullptr : code->as_number();
  answer.status = static_cast<int>(number == nullptr ? 0 : number->as_i64().value_or(0));
  const std::string_view reason = text_member(status, "reason");
  const bool expired = reason == "Expired" || reason == "Gone";
  if (answer.status == 0 && expired) answer.status = kGone;
  answer.body = json::write(status);
  return error_of(answer, true);
}

}  // namespace

Informer::Informer(Client& client, Interest interest, Backoff backoff)
    : client_(client), interest_(completed(std::move(interest))), backoff_(backoff) {}

bool Informer::synced() const {
  const MutexLock lock(mutex_);
  return synced_;
}

bool Informer::refused() const {
  const MutexLock lock(mutex_);
  return refused_;
}

Informer::Lists Informer::lists() const {
  const MutexLock lock(mutex_);
  return lists_;
}

ObjectPtr Informer::find(const Key& key) const {
  const MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : found->second;
}

std::vector<ObjectPtr> Informer::all() const {
  const MutexLock lock(mutex_);
  std::vector<ObjectPtr> out;
  out.reserve(objects_.size());
  for (const auto& [key, object] : objects_) {
    out.push_back(object);
  }
  return out;
}

void Informer::tell(Change change) const {
  if (interest_.on_change) interest_.on_change(change);
}

void Informer::put(json::Object object) {
  const Key key = key_of(object);
  auto kept = interest_.keep(std::move(object));
  if (!kept.has_value()) return drop(key);
  ObjectPtr after = std::make_shared<const json::Object>(std::move(*kept));
  ObjectPtr before;
  {
    const MutexLock lock(mutex_);
    before = std::exchange(objects_[key], after);
  }
  if (!same_version(before, after)) tell({key, std::move(before), std::move(after)});
}

void Informer::drop(const Key& key) {
  ObjectPtr before;
  {
    const MutexLock lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return;
    before = std::move(found->second);
    objects_.erase(found);
  }
  tell({key, std::move(before), nullptr});
}

void Informer::replace_all(Listed listed) {
  Objects now;
  for (json::Object& object : listed.objects) {
    Key key = key_of(object);
    now.emplace(std::move(key), std::make_shared<const json::Object>(std::move(object)));
  }
  Objects before;
  {
    const MutexLock lock(mutex_);
    before = std::exchange(objects_, now);
    synced_ = true;
    refused_ = false;
    lists_.ended = lists_.begun;
  }
  for (const auto& [key, after] : now) {
    const auto old = before.find(key);
    ObjectPtr known = old == before.end() ? nullptr : old->second;
    if (!same_version(known, after)) tell({key, std::move(known), after});
  }
  for (const auto& [key, old] : before) {
    if (!now.contains(key)) tell({key, old, nullptr});
  }
}

Result<void> Informer::list() {
  {
    const MutexLock lock(mutex_);
    ++lists_.begun;
  }
  TRY(Listed listed, client_.list(interest_.resource, interest_.selection, interest_.keep));
  if (listed.resource_version.empty()) {
    return Error(Errc::answer_malformed, "a list without resourceVersion");
  }
  resource_version_ = listed.resource_version;
  replace_all(std::move(listed));
  return {};
}

Result<void> Informer::take(WatchEvent event) {
  if (event.type == WatchEvent::Type::error) return failure_in(event.object);
  std::string version(metadata_text(event.object, "resourceVersion"));
  if (version.empty()) return Error(Errc::frame_malformed, "no resourceVersion");
  event.object.set("apiVersion", interest_.resource.api_version());
  event.object.set("kind", interest_.resource.kind);
  switch (event.type) {
    case WatchEvent::Type::added:
    case WatchEvent::Type::modified:
      put(std::move(event.object));
      break;
    case WatchEvent::Type::deleted:
      drop(key_of(event.object));
      break;
    case WatchEvent::Type::bookmark:
    case WatchEvent::Type::error:
      break;
  }
  resource_version_ = std::move(version);
  return {};
}

/// The body of one watch on its way into the cache.
class Informer::WatchSink {
 public:
  explicit WatchSink(Informer& informer) : informer_(informer) {}

  bool take(std::string_view piece) {
    outcome_ = [&]() -> Result<void> {
      TRY_VOID(frames_.push(piece));
      while (true) {
        TRY(std::optional<WatchEvent> event, frames_.next());
        if (!event.has_value()) return {};
        TRY_VOID(informer_.take(std::move(*event)));
        progressed_ = true;
      }
    }();
    return outcome_.ok();
  }
  const Result<void>& outcome() const { return outcome_; }
  bool progressed() const { return progressed_; }

 private:
  Informer& informer_;
  FrameReader frames_;
  Result<void> outcome_;
  bool progressed_ = false;
};

// Shape: whether the watch was of use, if it ended in order.
Result<bool> Informer::watch(const std::stop_token& stop) {
  const int seconds = kShortestWatch + static_cast<int>(client_.pace().chance() * kWatchSpread);
  std::string query = query_of(interest_.selection);
  if (!query.empty()) query += '&';
  query += "watch=1&allowWatchBookmarks=true&resourceVersion=" +
           codec::percent_encode(resource_version_) + "&timeoutSeconds=" + std::to_string(seconds);
  HttpRequest request;
  request.target = path_of(interest_.resource, interest_.selection.ns) + '?' + query;
  request.accept = accept_of(interest_.selection, false);
  WatchSink sink(*this);
  const Instant began = client_.pace().now();
  const auto answer = client_.transport().stream(
      request, [&sink](std::string_view piece) { return sink.take(piece); }, stop);
  client_.count("WATCH", answer.ok() ? answer->status : 0);
  asked_wait_ = answer.ok() ? answer->retry_after : std::nullopt;
  const bool useful = sink.progressed() || client_.pace().now() - began >= kLongEnough;
  if (useful) {
    failures_ = 0;
    doubted_ = false;
  }
  TRY_VOID(sink.outcome());
  if (!answer.ok()) return answer.error();
  constexpr int kOk = 200;
  if (answer->status != kOk) return error_of(*answer, true);
  return useful;
}

// False when a stop is asked for.
bool Informer::pause(const Error& error, const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  const bool refused = error.is(Errc::forbidden) || error.is(Errc::not_found);
  bool doubted = false;
  {
    const MutexLock lock(mutex_);
    doubted = refused && synced_ && !refused_ && !doubted_;
    refused_ = refused && !doubted;
  }
  if (interest_.on_trouble) interest_.on_trouble(error);
  ++failures_;
  std::chrono::milliseconds wait = backoff_.after(failures_, client_.pace().chance());
  if (doubted) {
    wait = kStartupRefusals;
    doubted_ = true;
  }
  if (const auto asked = std::exchange(asked_wait_, std::nullopt); asked.has_value()) {
    wait = std::max<std::chrono::milliseconds>(wait, std::min(*asked, kLongestAskedWait));
  }
  return client_.pace().sleep(wait, stop);
}

void Informer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (resource_version_.empty()) {
      if (auto listed = list(); !listed.ok()) {
        if (!pause(listed.error(), stop)) return;
        continue;
      }
    }
    const auto watched = watch(stop);
    if (watched.ok()) {
      if (*watched) continue;
      if (!pause(Error(Errc::watch_cut, "it ended without an event"), stop)) return;
      continue;
    }
    const Error& error = watched.error();
    const bool resumable = error.is(Errc::watch_cut) || error.is(Errc::unavailable) ||
                           error.is(Errc::internal_error) || error.is(Errc::too_many_requests) ||
                           error.is(Errc::peer_not_trusted);
    if (!resumable) resource_version_.clear();
    if (error.is(Errc::gone) && failures_ == 0) {
      ++failures_;  // once at once
      continue;
    }
    if (!pause(error, stop)) return;
  }
}

}  // namespace trustee::k8s
