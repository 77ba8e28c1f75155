#pragma once

#include "metrics/registry.h"

namespace trustee::metrics {

/// What the service counts about documents of hardware vendors, declared in one registry. Ours; the
/// released system has no such metrics. Lifetime: that of the registry.
struct CollateralMetrics {
  explicit CollateralMetrics(Registry& registry);

  CounterFamily& hits;      ///< label: kind; served from memory
  CounterFamily& misses;    ///< label: kind; a request had to wait
  CounterFamily& fetches;   ///< label: kind; got from a source and accepted
  CounterFamily& failures;  ///< label: kind; could not be got, or not be accepted
  GaugeFamily& documents;   ///< label: kind; in memory
  GaugeFamily& age;         ///< labels: kind, document; seconds since it was got
  GaugeFamily& expiry;      ///< labels: kind, document; seconds to its end, negative past it
};

}  // namespace trustee::metrics
