#include "fetch/refresher.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace trustee::fetch {

Refresher::Refresher(Engine& engine, const Clock& clock, Notice notice, Pauses pauses)
    : engine_(engine), clock_(clock), notice_(std::move(notice)), pauses_(pauses) {
  look();
  renewing_ = std::thread([this] { renew(); });
  following_ = std::thread([this] { follow(); });
}

Refresher::~Refresher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  renewing_.join();
  following_.join();
}

void Refresher::renew() {
  ::pthread_setname_np(::pthread_self(), "renew-documents");
  while (true) {
    engine_.renew_due([this] { return stopping_.load(); });
    const auto next = engine_.next_renewal();
    const Duration left = next.has_value() ? Duration(*next - clock_.now()) : pauses_.longest;
    if (!pause(std::clamp(left, pauses_.shortest, pauses_.longest))) return;
  }
}

void Refresher::follow() {
  ::pthread_setname_np(::pthread_self(), "watch-documents");
  while (pause(pauses_.longest)) {
    look();
  }
}

void Refresher::look() {
  const auto followed = engine_.follow_store();
  if (!followed.ok() && !cut_off_) {
    notice_("vendors' documents cannot be looked up in the store, those in memory go on serving: " +
            followed.error().to_string());
  }
  cut_off_ = !followed.ok();
  engine_.update_metrics();
}

bool Refresher::pause(Duration d) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, d, [this] { return stopping_.load(); });
}

}  // namespace trustee::fetch
