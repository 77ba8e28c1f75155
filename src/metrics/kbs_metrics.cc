#include "metrics/kbs_metrics.h"

namespace trustee::metrics {
namespace {

constexpr double kHttpSeconds[] = {0.0005, 0.001, 0.005, 0.01, 0.05, 0.5, 1};
constexpr double kHttpBytes[] = {32, 128, 512, 2048, 8192};
constexpr double kPluginSeconds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};

}  // namespace

KbsMetrics::KbsMetrics(Registry& r)
    : build_info(r.gauges("kbs_build_info", "Version and build of this server",
                          {"version", "git_hash", "build_date"})),
      http_requests(r.counter("kbs_http_requests_total", "Requests to the KBS API")),
      http_request_duration(r.histogram("kbs_http_request_duration_seconds",
                                        "Seconds until a response is begun", kHttpSeconds)),
      http_request_size(r.histogram("kbs_http_request_size_bytes",
                                    "Declared size of request bodies", kHttpBytes)),
      http_response_size(
          r.histogram("kbs_http_response_size_bytes", "Size of response bodies", kHttpBytes)),
      http_active_connections(
          r.gauge("kbs_http_active_connections", "Requests being answered now")),
      resource_reads(r.counters("kbs_resource_reads_total", "Reads of a resource by guests",
                                {"resource_path"})),
      resource_writes(r.counters("kbs_resource_writes_total",
                                 "Writes of a resource by administrators", {"resource_path"})),
      resource_deletes(r.counters("kbs_resource_deletes_total",
                                  "Deletions of a resource by administrators", {"resource_path"})),
      policy_evaluations(
          r.counter("kbs_policy_evaluations_total", "Evaluations of the resource policy")),
      policy_approvals(r.counter("kbs_policy_approvals_total",
                                 "Evaluations of the resource policy that allowed")),
      policy_violations(r.counter("kbs_policy_violations_total",
                                  "Evaluations of the resource policy that denied")),
      policy_errors(
          r.counter("kbs_policy_errors_total", "Evaluations of the resource policy that failed")),
      attestation_requests(r.counter("kbs_attestation_requests_total", "Attestations asked for")),
      attestation_errors(
          r.counter("kbs_attestation_errors_total", "Attestations that ended in an error")),
      attestation_successes(r.counters("kbs_attestation_successes_total",
                                       "Attestations that succeeded", {"tee_type"})),
      attestation_failures(r.counters("kbs_attestation_failures_total",
                                      "Attestations whose evidence was refused", {"tee_type"})),
      auth_requests(r.counter("kbs_auth_requests_total", "Challenges asked for")),
      auth_successes(r.counter("kbs_auth_successes_total", "Challenges given")),
      auth_errors(r.counter("kbs_auth_errors_total", "Challenges refused")),
      plugin_requests(r.counters("kbs_plugin_requests_total",
                                 "Requests handed to an external plugin", {"plugin_name"})),
      plugin_request_duration(r.histograms("kbs_plugin_request_duration_seconds",
                                           "Seconds an external plugin took to answer",
                                           {"plugin_name"}, kPluginSeconds)),
      plugin_errors(r.counters("kbs_plugin_errors_total", "Failed calls to an external plugin",
                               {"plugin_name"})) {}

}  // namespace trustee::metrics
