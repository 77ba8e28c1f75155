#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "control/certificate_files.h"
#include "control/endpoints.h"
#include "control/fresh_keys.h"
#include "control/open_shift.h"
#include "control/reconciler.h"
#include "k8s/curl_transport.h"
#include "k8s/lease.h"

namespace trustee::control {

/// How the operator runs. Source: operator.md section 6.
struct OperatorSettings {
  std::string ns;                        ///< where Trustee is deployed
  std::string lease_ns;                  ///< of the lease
  std::string identity;                  ///< `<hostname>_<random>`
  bool elect = false;                    ///< several replicas: one leads
  std::string health_address = ":8081";  ///< `0`: none
  std::string metrics_address = "0";     ///< `0`: none
  bool metrics_secure = true;            ///< TLS and a check of each reader
  std::string metrics_certificate{};     ///< files, reloaded; empty: self-signed
  std::string metrics_key{};
  std::function<operators::Images()> images{};
  /// The lease was lost, from whatever thread notices first; nothing may be written from now on, so
  /// the program ends itself here. When it returns, run() fails as soon as it can.
  std::function<void(const Error&)> on_lease_lost{};
};

/// The whole operator: caches, two loops, election, endpoints. Made by the program.
class OperatorService {
 public:
  /// Reads credentials and opens the endpoints; nothing is written yet. `stop` ends everything.
  /// Lifetime  `clock` outlives it. Errors: those of k8s::Credentials and net::Server::create.
  static Result<std::unique_ptr<OperatorService>> create(k8s::Access access,
                                                         OperatorSettings settings,
                                                         const Clock& clock, log::Logger logger,
                                                         std::stop_token stop);
  ~OperatorService();
  OperatorService(const OperatorService&) = delete;
  OperatorService& operator=(const OperatorService&) = delete;

  /// Works until stopped, then finishes what is under way and gives the lease up.
  /// Errors  k8s::Errc::lease_lost.
  Result<void> run();

 private:
  OperatorService(std::unique_ptr<k8s::Credentials> credentials, OperatorSettings settings,
                  const Clock& clock, log::Logger logger, std::stop_token stop);
  Result<void> open_endpoints();
  Result<void> open_metrics(std::vector<std::string> sockets);
  Result<void> watch_certificate(const net::TlsConfig& files);
  std::optional<bool> reach();
  Desk desk();
  void note_change(const operators::ObjectRef& object);
  void end_work_when_stopped(const std::stop_token& over);
  void start_workers();
  void stop_workers();
  void cut_everything();
  void tell_leading();
  bool is_news(std::string_view kind, const Error& error);
  k8s::OnAnswer counter();
  k8s::ElectionCalls election_calls(metrics::Gauge& leading);
  Result<void> lead();

  const OperatorSettings settings_;
  const Clock& clock_;
  const log::Logger logger_;
  const std::stop_token stop_;
  k8s::SystemPace pace_;
  metrics::Registry registry_;
  OperatorMetrics metrics_;
  std::unique_ptr<k8s::Credentials> credentials_;
  k8s::CurlTransport transport_;
  /// Ends what the election asks, only after the workers are done: the lease is given up last.
  std::stop_source hard_stop_;
  std::stop_source ending_;  ///< nothing is tried again
  std::stop_source cut_;     ///< requests of the workers end
  k8s::Client client_;
  /// The election's own way to the API server: short attempts that nothing else holds up.
  k8s::CurlTransport election_transport_;
  k8s::Client election_client_;
  FreshKeys fresh_keys_;
  OpenShiftWatch open_shift_;
  k8s::EventWriter events_;
  Index index_;
  std::unique_ptr<Cache> cache_;
  std::unique_ptr<Reconciler> trustee_;
  std::unique_ptr<Reconciler> kbs_;
  std::vector<std::jthread> workers_;
  std::unique_ptr<net::ComputePool> pool_;
  std::unique_ptr<MetricsDesk> metrics_desk_;
  std::unique_ptr<net::SelfSigned> self_signed_;
  std::atomic<bool> following_{false};
  Mutex told_mutex_;
  std::map<std::string, std::string> told_ TRUSTEE_GUARDED_BY(told_mutex_);  ///< kind -> code
  std::unique_ptr<Endpoint> health_;
  std::unique_ptr<Endpoint> metrics_endpoint_;
  std::unique_ptr<CertificateFiles> certificate_files_;
  std::unique_ptr<reload::Lookout> lookout_;
};

}  // namespace trustee::control
