#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/strong.h"
#include "log/filter.h"
#include "log/record.h"
#include "log/sink.h"

namespace trustee::log {

class SiteLimiter;

/// The log of a process: what passes, in which shape, where it goes. Made once by `main`, used
/// through Logger. Safe from many threads; never blocks, never fails.
class Journal {
 public:
  /// Lifetime  `sink` and `clock` outlive the journal.
  Journal(Filter filter, Format format, bool colour, Sink& sink, const Clock& clock);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  bool enabled(Level level, std::string_view target) const {
    return filter_.enabled(level, target);
  }

 private:
  friend class Logger;
  void write(Record record);
  void write_limited(Record record, const std::source_location& where);
  void report_drops();

  const Filter filter_;
  const Format format_;
  const bool colour_;
  Sink& sink_;
  const Clock& clock_;
  std::unique_ptr<SiteLimiter> limiter_;
  std::atomic<std::uint64_t> reported_drops_{0};
};

/// What code logs with: a journal, a target, maybe a request. A value; copy it freely.
/// Cost  a line below the level costs one comparison per directive and no allocation.
class Logger {
 public:
  using Fields = std::initializer_list<Field>;
  using Where = std::source_location;

  /// Lifetime  `journal` outlives the logger.
  Logger(Journal& journal, std::string target) : journal_(&journal), target_(std::move(target)) {}

  /// The same logger for another part of the program.
  Logger with_target(std::string target) const;
  /// The same logger, writing `request_id` into each line.
  Logger with_request(RequestId id) const;
  /// The same logger, which writes at most kLimitedLines per call site and kLimitedInterval; the
  /// next line after a pause tells how many were suppressed. For what outsiders can provoke.
  Logger limited() const;

  bool enabled(Level level) const { return journal_->enabled(level, target_); }

  void error(std::string_view text, Fields fields = {}, Where where = Where::current()) const {
    write(Level::error, text, fields, where);
  }
  void warn(std::string_view text, Fields fields = {}, Where where = Where::current()) const {
    write(Level::warn, text, fields, where);
  }
  void info(std::string_view text, Fields fields = {}, Where where = Where::current()) const {
    write(Level::info, text, fields, where);
  }
  void debug(std::string_view text, Fields fields = {}, Where where = Where::current()) const {
    write(Level::debug, text, fields, where);
  }
  void trace(std::string_view text, Fields fields = {}, Where where = Where::current()) const {
    write(Level::trace, text, fields, where);
  }
  void write(Level level, std::string_view text, Fields fields, const Where& where) const;

 private:
  Journal* journal_;
  std::string target_;
  RequestId request_id_;
  bool limited_ = false;
};

/// Bounds of a limited logger: lines per call site and interval, call sites told apart (further
/// ones share one allowance).
inline constexpr std::uint32_t kLimitedLines = 10;
inline constexpr std::chrono::seconds kLimitedInterval{10};
inline constexpr std::size_t kLimitedSites = 1024;

}  // namespace trustee::log
