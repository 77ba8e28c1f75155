#include "k8s/internal/lease_term.h"

#include <utility>

#include "k8s/errors.h"

namespace trustee::k8s {

LeaseTerm::LeaseTerm(Pace& pace, std::chrono::milliseconds deadline, Instant renewed,
                     OnLost on_lost)
    : pace_(pace),
      deadline_(deadline),
      on_lost_(std::move(on_lost)),
      renewed_(renewed),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

Instant LeaseTerm::due() {
  const MutexLock lock(mutex_);
  return renewed_ + deadline_;
}

bool LeaseTerm::is_over() {
  const MutexLock lock(mutex_);
  return lost_ || pace_.now() - renewed_ >= deadline_;
}

Result<void> LeaseTerm::renewed(Instant asked) {
  {
    const MutexLock lock(mutex_);
    const Instant now = pace_.now();
    if (!lost_ && now - renewed_ < deadline_) {
      renewed_ = asked;
      return {};
    }
  }
  return lose("the renewal took too long");
}

Error LeaseTerm::lose(std::string why) {
  Error out(Errc::lease_lost, std::move(why));
  bool told = false;
  {
    const MutexLock lock(mutex_);
    told = std::exchange(lost_, true);
  }
  if (!told && on_lost_) on_lost_(out);
  return out;
}

void LeaseTerm::watch(const std::stop_token& stop) {
  while (pace_.wait_until(due(), stop)) {
    if (!is_over()) continue;
    (void)lose("not renewed in time");
    return;
  }
}

}  // namespace trustee::k8s
