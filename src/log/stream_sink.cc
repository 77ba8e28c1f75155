#include "log/stream_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace trustee::log {
namespace {

/// A pipe that polls writable takes this much without blocking (PIPE_BUF on Linux).
constexpr std::size_t kChunk = 4096;
constexpr int kPollMilliseconds = 50;

}  // namespace

Result<std::unique_ptr<StreamSink>> StreamSink::create(int fd, StreamLimits limits) {
  std::unique_ptr<StreamSink> sink(new StreamSink(fd, limits));
  try {
    sink->thread_ = std::thread([raw = sink.get()] { raw->run(); });
  } catch (const std::system_error& e) {
    return Error(Errc::sink_unavailable, e.what());
  }
  return sink;
}

StreamSink::~StreamSink() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    deadline_ = std::chrono::steady_clock::now() + limits_.drain;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void StreamSink::write(std::string line) {
  bool wanted = false;
  {
    MutexLock lock(mutex_);
    if (waiting_lines_ == limits_.lines || line.size() > limits_.bytes - waiting_.size()) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    waiting_ += line;
    ++waiting_lines_;
    wanted = idle_ || half_full();
    idle_ = false;
  }
  if (wanted) wake_.notify_one();
}

bool StreamSink::half_full() const {
  return waiting_lines_ > limits_.lines / 2 || waiting_.size() > limits_.bytes / 2;
}

void StreamSink::run() {
  for (;;) {
    std::string batch;
    std::size_t lines = 0;
    {
      MutexLock lock(mutex_);
      std::unique_lock<std::mutex> held(mutex_.native(), std::adopt_lock);
      while (waiting_.empty() && !stopping_) {
        idle_ = true;
        wake_.wait(held);
      }
      idle_ = false;
      held.release();  // MutexLock unlocks
      if (waiting_.empty()) return;
      batch = std::exchange(waiting_, {});
      lines = std::exchange(waiting_lines_, 0);
    }
    if (!write_out(batch)) dropped_.fetch_add(lines, std::memory_order_relaxed);
    gather();
  }
}

/// Lets lines gather without being woken for each.
void StreamSink::gather() {
  const auto until = std::chrono::steady_clock::now() + limits_.gather;
  MutexLock lock(mutex_);
  std::unique_lock<std::mutex> held(mutex_.native(), std::adopt_lock);
  while (!stopping_ && !half_full() &&
         wake_.wait_until(held, until) == std::cv_status::no_timeout) {
  }
  held.release();  // MutexLock unlocks
}

bool StreamSink::out_of_time() {
  MutexLock lock(mutex_);
  return stopping_ && std::chrono::steady_clock::now() >= deadline_;
}

/// False when the batch could not be written whole.
bool StreamSink::write_out(std::string_view batch) {
  while (!batch.empty()) {
    pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&wait, 1, kPollMilliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) {
      if (out_of_time()) return false;
      continue;
    }
    if (ready < 0) return false;
    const ssize_t n = ::write(fd_, batch.data(), std::min(batch.size(), kChunk));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
      if (out_of_time()) return false;
      continue;
    }
    if (n <= 0) return false;
    batch.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

}  // namespace trustee::log
