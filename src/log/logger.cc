#include "log/logger.h"

#include <utility>
#include <vector>

#include "log/internal/site_limiter.h"

namespace trustee::log {

SiteLimiter::Allowance& SiteLimiter::allowance(const std::source_location& where) {
  const Site site(where.file_name(), where.line(), where.column());
  const auto known = sites_.find(site);
  if (known != sites_.end()) return known->second;
  if (sites_.size() < kLimitedSites) return sites_[site];
  return sites_[Site()];
}

std::optional<std::uint64_t> SiteLimiter::admit(const std::source_location& where, Time now) {
  MutexLock lock(mutex_);
  Allowance& a = allowance(where);
  const bool fresh = a.written == 0 || now - a.since >= kLimitedInterval || now < a.since;
  if (fresh) {
    a.since = now;
    a.written = 1;
    return std::exchange(a.suppressed, 0);
  }
  if (a.written >= kLimitedLines) {
    ++a.suppressed;
    return std::nullopt;
  }
  ++a.written;
  return 0;
}

Journal::Journal(Filter filter, Format format, bool colour, Sink& sink, const Clock& clock)
    : filter_(std::move(filter)),
      format_(format),
      colour_(colour),
      sink_(sink),
      clock_(clock),
      limiter_(std::make_unique<SiteLimiter>()) {}

Journal::~Journal() = default;

void Journal::write(Record record) {
  record.time = clock_.now();
  report_drops();
  sink_.write(line_of(record, format_, colour_));
}

void Journal::write_limited(Record record, const std::source_location& where) {
  const auto suppressed = limiter_->admit(where, clock_.now());
  if (!suppressed.has_value()) return;
  if (*suppressed == 0) return write(record);
  std::vector<Field> fields(record.fields.begin(), record.fields.end());
  fields.emplace_back("suppressed", *suppressed);
  record.fields = fields;
  write(record);
}

/// One thread tells of the lines dropped since the last such line.
void Journal::report_drops() {
  const std::uint64_t dropped = sink_.dropped();
  std::uint64_t reported = reported_drops_.load(std::memory_order_relaxed);
  if (dropped <= reported || !reported_drops_.compare_exchange_strong(reported, dropped)) return;
  const Field count("dropped", dropped - reported);
  const Record notice{.time = clock_.now(),
                      .level = Level::warn,
                      .target = "log",
                      .text = "log lines were dropped",
                      .request_id = {},
                      .fields = {&count, 1}};
  sink_.write(line_of(notice, format_, colour_));
}

Logger Logger::with_target(std::string target) const {
  Logger out = *this;
  out.target_ = std::move(target);
  return out;
}

Logger Logger::with_request(RequestId id) const {
  Logger out = *this;
  out.request_id_ = std::move(id);
  return out;
}

Logger Logger::limited() const {
  Logger out = *this;
  out.limited_ = true;
  return out;
}

void Logger::write(Level level, std::string_view text, Fields fields, const Where& where) const {
  if (!enabled(level)) return;
  const Record record{.time = {},
                      .level = level,
                      .target = target_,
                      .text = text,
                      .request_id = request_id_.text(),
                      .fields = {fields.begin(), fields.size()}};
  if (limited_) {
    journal_->write_limited(record, where);
  } else {
    journal_->write(record);
  }
}

}  // namespace trustee::log
