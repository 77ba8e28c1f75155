#include "fetch/refresher.h"

#include <algorithm>
#include <utility>

namespace trustee::fetch {

namespace {
// Documents come and go while it waits, the clock may be set, and metrics age.
constexpr Duration kLongestPause = std::chrono::seconds(1);
constexpr Duration kShortestPause = std::chrono::milliseconds(200);
}  // namespace

Refresher::Refresher(Engine& engine, const Clock& clock, Notice notice)
    : engine_(engine),
      clock_(clock),
      notice_(std::move(notice)),
      renewing_([this] { renew(); }),
      following_([this] { follow(); }) {}

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
  while (true) {
    engine_.renew_due([this] { return stopping_.load(); });
    const auto next = engine_.next_renewal();
    const Duration left = next.has_value() ? Duration(*next - clock_.now()) : kLongestPause;
    if (!pause(std::clamp(left, kShortestPause, kLongestPause))) return;
  }
}

void Refresher::follow() {
  bool failed = false;
  do {
    const auto followed = engine_.follow_store();
    if (!followed.ok() && !failed) {
      notice_(
          "vendors' documents cannot be looked up in the store, those in memory go on serving: " +
          followed.error().to_string());
    }
    failed = !followed.ok();
    engine_.update_metrics();
  } while (pause(kLongestPause));
}

bool Refresher::pause(Duration d) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, d, [this] { return stopping_.load(); });
}

}  // namespace trustee::fetch
