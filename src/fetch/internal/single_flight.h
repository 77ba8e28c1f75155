#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "collateral/freshness.h"
#include "fetch/errors.h"

namespace trustee::fetch::internal {

/// One result that many wait for.
template <class T>
class Flight {
 public:
  void land(const Result<T>& result) {
    {
      const std::lock_guard lock(mutex_);
      result_.emplace(result);
    }
    landed_.notify_all();
  }
  /// Nothing when it did not land in time.
  std::optional<Result<T>> wait_for(collateral::Duration timeout) {
    std::unique_lock lock(mutex_);
    landed_.wait_for(lock, timeout, [this] { return result_.has_value(); });
    return result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable landed_;
  std::optional<Result<T>> result_;
};

/// Runs a function once for all that ask for the same key at the same time.
template <class T>
class SingleFlight {
 public:
  /// The caller that comes first runs `work`; the others wait for its result, at most for
  /// `timeout`. Errors: those of `work`; deadline_exceeded when a waiter's time is over.
  /// `mine`: set to whether this caller ran the work itself.
  Result<T> run(const std::string& key, collateral::Duration timeout, bool& mine,
                const std::function<Result<T>()>& work) {
    auto [flight, leads] = board(key);
    mine = leads;
    if (leads) {
      Landing landing(*this, key, *flight);
      Result<T> result = work();
      landing.with(result);
      return result;
    }
    auto result = flight->wait_for(timeout);
    if (!result.has_value()) return Error(Errc::deadline_exceeded, "waiting for another request");
    return std::move(*result);
  }

 private:
  /// Lands the flight whatever happens to its pilot.
  class Landing {
   public:
    Landing(SingleFlight& all, const std::string& key, Flight<T>& flight)
        : all_(all), key_(key), flight_(flight) {}
    ~Landing() {
      all_.forget(key_);
      flight_.land(result_);
    }
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;
    void with(const Result<T>& result) { result_ = result; }

   private:
    SingleFlight& all_;
    const std::string& key_;
    Flight<T>& flight_;
    Result<T> result_ = Error(Errc::service_failed, "the fetch was broken off");
  };

  std::pair<std::shared_ptr<Flight<T>>, bool> board(const std::string& key) {
    MutexLock lock(mutex_);
    auto& flight = flights_[key];
    const bool leads = flight == nullptr;
    if (leads) flight = std::make_shared<Flight<T>>();
    return {flight, leads};
  }
  void forget(const std::string& key) {
    MutexLock lock(mutex_);
    flights_.erase(key);
  }

  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Flight<T>>> flights_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::fetch::internal
