#pragma once

#include "metrics/registry.h"

namespace trustee::metrics {

/// What the KBS counts: upstream's names, types, labels and buckets, declared in one registry.
/// Lifetime  that of the registry.
/// Source    Trustee KBS, metrics (specification kbs.md, section 12).
struct KbsMetrics {
  explicit KbsMetrics(Registry& registry);

  GaugeFamily& build_info;           ///< labels: version, git_hash, build_date; always 1
  Counter& http_requests;            ///< requests whose path starts with `/kbs`
  Histogram& http_request_duration;  ///< seconds until the response head exists
  Histogram& http_request_size;      ///< the Content-Length of requests, 0 when absent
  Histogram& http_response_size;     ///< bytes of response bodies (upstream never fills it)
  Gauge& http_active_connections;    ///< requests in flight
  CounterFamily& resource_reads;     ///< label: resource_path, `<repo>/<type>/<tag>`
  CounterFamily& resource_writes;    ///< the same
  CounterFamily& resource_deletes;   ///< the same
  Counter& policy_evaluations;
  Counter& policy_approvals;
  Counter& policy_violations;
  Counter& policy_errors;
  Counter& attestation_requests;
  Counter& attestation_errors;
  CounterFamily& attestation_successes;  ///< label: tee_type
  CounterFamily& attestation_failures;   ///< label: tee_type
  Counter& auth_requests;
  Counter& auth_successes;
  Counter& auth_errors;
  CounterFamily& plugin_requests;            ///< label: plugin_name
  HistogramFamily& plugin_request_duration;  ///< label: plugin_name; seconds
  CounterFamily& plugin_errors;              ///< label: plugin_name
};

}  // namespace trustee::metrics
