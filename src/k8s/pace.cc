#include "k8s/pace.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

namespace trustee::k8s {

bool SystemPace::sleep(std::chrono::milliseconds time, const std::stop_token& stop) {
  return wait_until(now() + time, stop);
}

bool SystemPace::wait_until(Instant moment, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_until(lock, stop, moment, [] { return false; });
  return !stop.stop_requested();
}

double SystemPace::chance() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(source);
}

std::chrono::milliseconds Backoff::after(unsigned failures, double chance) const {
  constexpr unsigned kMostDoublings = 20;
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, kMostDoublings);
  const auto plain = std::min(first * (std::int64_t{1} << doublings), ceiling);
  constexpr double kLeast = 0.8;
  constexpr double kSpread = 0.4;
  const double spread = static_cast<double>(plain.count()) * (kLeast + kSpread * chance);
  return std::chrono::milliseconds(static_cast<std::int64_t>(spread));
}

}  // namespace trustee::k8s
