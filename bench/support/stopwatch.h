#pragma once

#include <ctime>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace trustee::bench {

/// CPU time of this thread, microseconds.
inline double thread_cpu_us() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// Something to measure: `batch` does it `times` times and returns the microseconds spent on it, so
/// that it can leave its own preparation out.
struct Work {
  std::string name;
  int times;
  std::function<double(int times)> batch;
  double best = std::numeric_limits<double>::max();  ///< microseconds per time, once measured
};

/// Work that is a plain call.
template <class F>
Work work(std::string name, int times, F once) {
  return {std::move(name), times, [once = std::move(once)](int n) mutable {
            const double start = thread_cpu_us();
            for (int i = 0; i < n; ++i) {
              once();
            }
            return thread_cpu_us() - start;
          }};
}

/// Measures all works in turns, so that whatever else the machine does hits them alike, and keeps
/// the best batch of each: what the work costs when nothing disturbs it.
inline void measure(std::vector<Work>& works, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Work& w : works) {
      const double us = w.batch(w.times) / w.times;
      if (us < w.best) w.best = us;
    }
  }
}

}  // namespace trustee::bench
