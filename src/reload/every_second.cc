#include "reload/every_second.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>

namespace trustee::reload {

void every_second(const char* name, const std::stop_token& stop, const std::function<void()>& act) {
  ::pthread_setname_np(::pthread_self(), name);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    act();
    wake.wait_for(lock, stop, kBetweenLooks, [] { return false; });
  }
}

}  // namespace trustee::reload
