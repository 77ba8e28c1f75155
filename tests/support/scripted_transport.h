#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "k8s/transport.h"

namespace trustee {

/// A watch on which nothing happens until it is stopped.
inline Result<k8s::HttpAnswer> silent_watch(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
  return k8s::Errc::stopped;
}

/// The first page of a list, which is the last, too. Shape: `items` as JSON, joined by commas.
inline k8s::HttpAnswer whole_list(const std::string& items) {
  return {.status = 200, .body = R"({"metadata":{"resourceVersion":"1"},"items":[)" + items + "]}"};
}

/// Answers requests one after the other from a list, without a socket. What is not in the list is
/// `unavailable`.
class ScriptedTransport final : public k8s::Transport {
 public:
  void will(int status, std::string body, int retry_after = 0) {
    k8s::HttpAnswer answer{.status = status, .body = std::move(body)};
    if (retry_after > 0) answer.retry_after = std::chrono::seconds(retry_after);
    answers_.emplace_back(std::move(answer));
  }
  void will_fail(k8s::Errc code) { answers_.emplace_back(Error(code)); }

  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& request,
                                   const std::stop_token&) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request);
    if (answers_.empty()) return k8s::Errc::unavailable;
    auto out = std::move(answers_.front());
    answers_.pop_front();
    return out;
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest&, const Sink&,
                                 const std::stop_token&) override {
    return k8s::Errc::unavailable;
  }
  const std::vector<k8s::HttpRequest>& seen() const { return seen_; }
  /// `METHOD target` of each request.
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const auto& r : seen_) {
      out.push_back(r.method + ' ' + r.target);
    }
    return out;
  }

 private:
  std::mutex mutex_;
  std::deque<Result<k8s::HttpAnswer>> answers_;
  std::vector<k8s::HttpRequest> seen_;
};

}  // namespace trustee
