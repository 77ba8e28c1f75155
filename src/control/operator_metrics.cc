#include "control/operator_metrics.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

namespace trustee::control {
namespace {

constexpr double kReconcileSeconds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

std::int64_t resident_bytes_now() {
  long pages = 0;
  if (std::FILE* f = std::fopen("/proc/self/statm", "re"); f != nullptr) {
    if (std::fscanf(f, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(f);
  }
  return pages * ::sysconf(_SC_PAGESIZE);
}

std::int64_t open_files_now() {
  std::error_code failed;
  std::int64_t n = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", failed);
       !failed && it != std::filesystem::directory_iterator(); it.increment(failed)) {
    ++n;
  }
  return n;
}

}  // namespace

OperatorMetrics::OperatorMetrics(metrics::Registry& r)
    : reconciles(r.counters("controller_runtime_reconcile_total", "Reconciliations by result",
                            {"controller", "result"})),
      reconcile_errors(r.counters("controller_runtime_reconcile_errors_total",
                                  "Reconciliations that failed", {"controller"})),
      reconcile_seconds(r.histograms("controller_runtime_reconcile_time_seconds",
                                     "Time of a reconciliation", {"controller"},
                                     kReconcileSeconds)),
      active_workers(r.gauges("controller_runtime_active_workers", "Workers that reconcile now",
                              {"controller"})),
      max_workers(r.gauges("controller_runtime_max_concurrent_reconciles", "Workers there are",
                           {"controller"})),
      queue_depth(r.gauges("workqueue_depth", "Keys that are due", {"name"})),
      queue_adds(r.counters("workqueue_adds_total", "Keys added", {"name"})),
      queue_retries(
          r.counters("workqueue_retries_total", "Keys added again after a failure", {"name"})),
      client_requests(r.counters("rest_client_requests_total", "Requests to the API server",
                                 {"code", "host", "method"})),
      leading(r.gauges("leader_election_master_status", "1 while this process holds the lease",
                       {"name"})),
      resident_bytes(r.gauge("process_resident_memory_bytes", "Resident memory")),
      open_files(r.gauge("process_open_fds", "Open file descriptors")),
      start_time(r.gauge("process_start_time_seconds", "When the process began, since 1970")) {
  start_time.set(std::time(nullptr));
}

void OperatorMetrics::observe_process() {
  resident_bytes.set(resident_bytes_now());
  open_files.set(open_files_now());
}

}  // namespace trustee::control
