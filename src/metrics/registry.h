#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace trustee::metrics {

/// A metric or label name, checked when it is compiled: letters, digits and underscores, not
/// beginning with a digit.
class Name {
 public:
  consteval explicit(false) Name(const char* text) : text_(text) {
    if (!is_name(text_)) throw "not a metric or label name";  // fails the compilation
  }
  constexpr std::string_view text() const { return text_; }

 private:
  static constexpr bool is_name(std::string_view text) {
    if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
    for (const char c : text) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!letter && !(c >= '0' && c <= '9')) return false;
    }
    return true;
  }
  std::string_view text_;
};

/// Counts up. Safe from many threads.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Safe from many threads.
class Gauge {
 public:
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void subtract(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Counts observations in buckets with fixed upper bounds; `+Inf` is implied. Safe from many
/// threads.
class Histogram {
 public:
  /// `bounds` ascend and are finite.
  explicit Histogram(std::span<const double> bounds);
  /// NaN is not observed.
  void observe(double value);

  const std::vector<double>& bounds() const { return bounds_; }
  /// Observations per bucket, not cumulated; the last is `+Inf`.
  std::vector<std::uint64_t> counts() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

/// Bounds of a family: series that are told apart (all further ones share one series whose label
/// values are `_other`), bytes of a label value that are kept.
inline constexpr std::size_t kMaxSeries = 1000;
inline constexpr std::size_t kMaxLabelValue = 256;

/// The series of one metric, told apart by the values of the labels declared with it. A series
/// appears with its first use. Safe from many threads.
template <class Metric>
class Family {
 public:
  /// The series with these label values, one per declared label, in that order.
  /// Lifetime  that of the registry.      Cost  one lock and one lookup: keep the reference when
  ///           the values are fixed.
  Metric& with(const std::vector<std::string>& values);

 private:
  friend class Registry;
  Family(std::vector<Name> labels, std::vector<double> bounds, std::size_t max_series)
      : labels_(std::move(labels)), bounds_(std::move(bounds)), max_series_(max_series) {}

  Metric& series(const std::vector<std::string>& values) TRUSTEE_REQUIRES(mutex_);

  const std::vector<Name> labels_;
  const std::vector<double> bounds_;  ///< of histograms
  const std::size_t max_series_;
  mutable Mutex mutex_;
  std::map<std::vector<std::string>, std::unique_ptr<Metric>> series_ TRUSTEE_GUARDED_BY(mutex_);
};

using CounterFamily = Family<Counter>;
using GaugeFamily = Family<Gauge>;
using HistogramFamily = Family<Histogram>;

/// All metrics of a process. Declared at the start, by `main`; declaring a name twice is a
/// programmer's error and aborts. References stay valid as long as the registry.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& counter(Name name, std::string_view help);
  Gauge& gauge(Name name, std::string_view help);
  Histogram& histogram(Name name, std::string_view help, std::span<const double> bounds);

  CounterFamily& counters(Name name, std::string_view help, std::vector<Name> labels,
                          std::size_t max_series = kMaxSeries);
  GaugeFamily& gauges(Name name, std::string_view help, std::vector<Name> labels,
                      std::size_t max_series = kMaxSeries);
  HistogramFamily& histograms(Name name, std::string_view help, std::vector<Name> labels,
                              std::span<const double> bounds, std::size_t max_series = kMaxSeries);

  /// Everything in the Prometheus text format 0.0.4: families by name, series by label values,
  /// families without series left out.
  std::string exposition() const;

 private:
  struct Entry;
  Entry& declare(Name name, std::string_view help);

  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::metrics
