#include "fetch/refresher.h"

#include <algorithm>

namespace trustee::fetch {

namespace {
// Documents come and go while it waits, and metrics age.
constexpr Duration kLongestPause = std::chrono::seconds(15);
constexpr Duration kShortestPause = std::chrono::milliseconds(200);
}  // namespace

Refresher::Refresher(Engine& engine, const Clock& clock)
    : engine_(engine), clock_(clock), thread_([this] { run(); }) {}

Refresher::~Refresher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Refresher::run() {
  while (true) {
    engine_.renew_due();
    engine_.update_metrics();
    const auto next = engine_.next_renewal();
    const Duration left = next.has_value() ? Duration(*next - clock_.now()) : kLongestPause;
    if (!pause(std::clamp(left, kShortestPause, kLongestPause))) return;
  }
}

bool Refresher::pause(Duration d) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, d, [this] { return stopping_; });
}

}  // namespace trustee::fetch
