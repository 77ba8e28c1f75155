#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "log/logger.h"
#include "log/stream_sink.h"

namespace trustee::apps {

inline constexpr const char* kVersion = "0.1.0";

/// What every process sets up first: no core dumps, SIGPIPE ignored, umask 0077; SIGTERM ends it at
/// once until it is handled otherwise, also as the first process of a container. Threads made
/// afterwards have stacks of 8 MiB, and so has the main thread, or the process ends here.
void harden_process();

/// The log of a process, to stdout for servers and to stderr for tools, filtered by RUST_LOG.
class ProcessLog {
 public:
  /// Errors: log::filter_malformed when RUST_LOG does not parse; log::sink_unavailable.
  static Result<std::unique_ptr<ProcessLog>> create(int fd, std::string_view default_filter,
                                                    log::Format format, const Clock& clock);
  log::Logger logger(std::string target) const { return {*journal_, std::move(target)}; }

 private:
  ProcessLog() = default;
  std::unique_ptr<log::StreamSink> sink_;
  std::unique_ptr<log::Journal> journal_;
};

/// Runs a whole program and returns its exit status: that of `body`, or 1 with the reason on stderr
/// when something that was printed did not reach standard output. Standard descriptors that are
/// closed are first taken by /dev/null, read-only: no file or socket gets their numbers, and what
/// is printed there counts as not written.
int run_program(const std::function<int()>& body);

/// Prints `Error: <text>` to stderr and returns the exit status 1.
int fail(const Error& error);

}  // namespace trustee::apps
