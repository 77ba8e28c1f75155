#include "metrics/registry.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "codec/utf8.h"

namespace trustee::metrics {
namespace {

constexpr std::string_view kOther = "_other";

/// Text for a help line or, with quotes escaped too, for a label value.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

/// A number as Rust prints it: shortest, never with an exponent, whole numbers without a point.
std::string number(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "+Inf" : "-Inf";
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::fixed).ptr;
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

/// `{a="1",b="2"}`, with `le` last when there is one; nothing without labels.
std::string label_text(std::span<const Name> labels, const std::vector<std::string>& values,
                       std::string_view le = {}) {
  std::string out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out += (out.empty() ? "{" : ",") + std::string(labels[i].text()) + "=\"" +
           escaped(values[i], true) + "\"";
  }
  if (!le.empty()) out += (out.empty() ? "{le=\"" : ",le=\"") + std::string(le) + "\"";
  return out.empty() ? out : out + "}";
}

/// What one family looks like, appended to the exposition.
class Writer {
 public:
  Writer(std::string& out, std::string_view name, std::span<const Name> labels)
      : out_(out), name_(name), labels_(labels) {}

  void series(const std::vector<std::string>& values, const Counter& c) {
    line("", label_text(labels_, values), std::to_string(c.value()));
  }
  void series(const std::vector<std::string>& values, const Gauge& g) {
    line("", label_text(labels_, values), std::to_string(g.value()));
  }
  /// The count is the sum of the buckets read, so that the lines agree while others observe.
  void series(const std::vector<std::string>& values, const Histogram& h) {
    const std::vector<std::uint64_t> counts = h.counts();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      total += counts[i];
      const double bound =
          i < h.bounds().size() ? h.bounds()[i] : std::numeric_limits<double>::infinity();
      line("_bucket", label_text(labels_, values, number(bound)), std::to_string(total));
    }
    line("_sum", label_text(labels_, values), number(h.sum()));
    line("_count", label_text(labels_, values), std::to_string(total));
  }

 private:
  void line(std::string_view suffix, const std::string& labels, const std::string& value) {
    out_.append(name_).append(suffix).append(labels).append(" ").append(value).append("\n");
  }

  std::string& out_;
  std::string_view name_;
  std::span<const Name> labels_;
};

std::string_view type_of(const CounterFamily&) { return "counter"; }
std::string_view type_of(const GaugeFamily&) { return "gauge"; }
std::string_view type_of(const HistogramFamily&) { return "histogram"; }

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    TRUSTEE_CHECK(std::isfinite(bounds_[i]) && (i == 0 || bounds_[i - 1] < bounds_[i]));
  }
}

void Histogram::observe(double value) {
  if (std::isnan(value)) return;
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counts_[static_cast<std::size_t>(bucket - bounds_.begin())].fetch_add(1,
                                                                        std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> out(bounds_.size() + 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = counts_[i].load(std::memory_order_relaxed);
  }
  return out;
}

template <class Metric>
Metric& Family<Metric>::series(const std::vector<std::string>& values) {
  std::unique_ptr<Metric>& slot = series_[values];
  if (slot == nullptr) {
    if constexpr (std::same_as<Metric, Histogram>) {
      slot = std::make_unique<Histogram>(bounds_);
    } else {
      slot = std::make_unique<Metric>();
    }
  }
  return *slot;
}

template <class Metric>
Metric& Family<Metric>::with(const std::vector<std::string>& values) {
  TRUSTEE_CHECK(values.size() == labels_.size());
  std::vector<std::string> kept;
  kept.reserve(values.size());
  for (const std::string& value : values) {
    kept.push_back(codec::utf8_lossy(std::string_view(value).substr(0, kMaxLabelValue)));
  }
  MutexLock lock(mutex_);
  if (!series_.contains(kept) && series_.size() >= max_series_) {
    kept.assign(values.size(), std::string(kOther));
  }
  return series(kept);
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Registry::Entry {
  std::string help;
  std::variant<std::monostate, std::unique_ptr<CounterFamily>, std::unique_ptr<GaugeFamily>,
               std::unique_ptr<HistogramFamily>>
      family;

  template <class Metric>
  Family<Metric>& emplace(std::vector<Name> labels, std::span<const double> bounds,
                          std::size_t max_series) {
    std::unique_ptr<Family<Metric>> made(
        new Family<Metric>(std::move(labels), {bounds.begin(), bounds.end()}, max_series));
    Family<Metric>& out = *made;
    family = std::move(made);
    return out;
  }

  template <class Metric>
  void write(std::string& out, std::string_view name, const Family<Metric>& f) const {
    MutexLock lock(f.mutex_);
    if (f.series_.empty()) return;
    out.append("# HELP ").append(name).append(" ").append(escaped(help, false)).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(type_of(f)).append("\n");
    Writer writer(out, name, f.labels_);
    for (const auto& [values, metric] : f.series_) {
      writer.series(values, *metric);
    }
  }
};

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Entry& Registry::declare(Name name, std::string_view help) {
  MutexLock lock(mutex_);
  const auto [at, fresh] = entries_.emplace(name.text(), std::make_unique<Entry>());
  TRUSTEE_CHECK(fresh);
  at->second->help = help;
  return *at->second;
}

Counter& Registry::counter(Name name, std::string_view help) {
  return counters(name, help, {}).with({});
}
Gauge& Registry::gauge(Name name, std::string_view help) { return gauges(name, help, {}).with({}); }
Histogram& Registry::histogram(Name name, std::string_view help, std::span<const double> bounds) {
  return histograms(name, help, {}, bounds).with({});
}

CounterFamily& Registry::counters(Name name, std::string_view help, std::vector<Name> labels,
                                  std::size_t max_series) {
  return declare(name, help).emplace<Counter>(std::move(labels), {}, max_series);
}
GaugeFamily& Registry::gauges(Name name, std::string_view help, std::vector<Name> labels,
                              std::size_t max_series) {
  return declare(name, help).emplace<Gauge>(std::move(labels), {}, max_series);
}
HistogramFamily& Registry::histograms(Name name, std::string_view help, std::vector<Name> labels,
                                      std::span<const double> bounds, std::size_t max_series) {
  return declare(name, help).emplace<Histogram>(std::move(labels), bounds, max_series);
}

std::string Registry::exposition() const {
  std::string out;
  MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    if (const auto* c = std::get_if<1>(&entry->family)) entry->write(out, name, **c);
    if (const auto* g = std::get_if<2>(&entry->family)) entry->write(out, name, **g);
    if (const auto* h = std::get_if<3>(&entry->family)) entry->write(out, name, **h);
  }
  return out;
}

}  // namespace trustee::metrics
