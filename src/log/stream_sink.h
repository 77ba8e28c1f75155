#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "base/result.h"
#include "log/errors.h"
#include "log/sink.h"

namespace trustee::log {

/// Bounds of what waits to be written.
struct StreamLimits {
  std::size_t lines = 8192;
  std::size_t bytes = 4U << 20U;
  std::chrono::milliseconds drain{1000};  ///< how long the destructor may take to write the rest
  /// How long lines gather after a write before the next one. A line after silence goes out at
  /// once.
  std::chrono::milliseconds gather{1};
};

/// Writes lines to a file descriptor (stdout, stderr, a file) from a thread of its own, in order,
/// whole lines or nothing: in a stream of them many with one write, since waking the thread costs
/// more than a line does. A reader that stops reading costs lines, never a request. The destructor
/// writes what waits, within `drain`. The process should ignore SIGPIPE.
class StreamSink final : public Sink {
 public:
  /// Lifetime  `fd` stays open as long as the sink; it is not closed.
  /// Errors    sink_unavailable.
  static Result<std::unique_ptr<StreamSink>> create(int fd, StreamLimits limits = {});
  ~StreamSink() override;
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;

  void write(std::string line) override;
  std::uint64_t dropped() const override { return dropped_.load(std::memory_order_relaxed); }

 private:
  StreamSink(int fd, StreamLimits limits) : fd_(fd), limits_(limits) {}
  void run();
  void gather();
  bool write_out(std::string_view batch);
  bool out_of_time();
  bool half_full() const TRUSTEE_REQUIRES(mutex_);

  const int fd_;
  const StreamLimits limits_;
  std::atomic<std::uint64_t> dropped_{0};
  Mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_ TRUSTEE_GUARDED_BY(mutex_);
  std::size_t waiting_lines_ TRUSTEE_GUARDED_BY(mutex_) = 0;
  bool idle_ TRUSTEE_GUARDED_BY(mutex_) = false;  ///< the thread waits for a first line
  bool stopping_ TRUSTEE_GUARDED_BY(mutex_) = false;
  std::chrono::steady_clock::time_point deadline_ TRUSTEE_GUARDED_BY(mutex_){};
  std::thread thread_;
};

/// Whether `fd` is a terminal: the only place for colours.
bool is_terminal(int fd);

}  // namespace trustee::log
