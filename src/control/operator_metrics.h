#pragma once

#include <string>

#include "metrics/registry.h"

namespace trustee::control {

/// What upstream's operator exports under the same names, but for the figures of its language's
/// run-time. Source: operator.md section 6.3.
struct OperatorMetrics {
  explicit OperatorMetrics(metrics::Registry& registry);

  /// Sets the figures that are read from the process when somebody asks.
  void observe_process();

  metrics::CounterFamily& reconciles;        ///< controller, result
  metrics::CounterFamily& reconcile_errors;  ///< controller
  metrics::HistogramFamily& reconcile_seconds;
  metrics::GaugeFamily& active_workers;
  metrics::GaugeFamily& max_workers;
  metrics::GaugeFamily& queue_depth;        ///< name
  metrics::CounterFamily& queue_adds;       ///< name
  metrics::CounterFamily& queue_retries;    ///< name
  metrics::CounterFamily& client_requests;  ///< code, host, method
  metrics::GaugeFamily& leading;            ///< name
  metrics::Gauge& resident_bytes;
  metrics::Gauge& open_files;
  metrics::Gauge& start_time;
};

}  // namespace trustee::control
