#include "control/operator_service.h"

#include <utility>

#include "base/try.h"
#include "operator/names.h"

namespace trustee::control {
namespace {

constexpr std::string_view kLease = "178dc119.confidentialcontainers.org";

std::string host_of(const std::string& server) {
  const std::size_t scheme = server.find("://");
  return scheme == std::string::npos ? server : server.substr(scheme + 3);
}

}  // namespace

OperatorService::OperatorService(std::unique_ptr<k8s::Credentials> credentials,
                                 OperatorSettings settings, const Clock& clock, log::Logger logger,
                                 std::stop_token stop)
    : settings_(std::move(settings)),
      clock_(clock),
      logger_(std::move(logger)),
      stop_(std::move(stop)),
      metrics_(registry_),
      credentials_(std::move(credentials)),
      transport_(*credentials_, "trustee-operator"),
      client_(
          transport_, pace_, hard_stop_.get_token(),
          [this, host = host_of(credentials_->access().server)](std::string_view method,
                                                                int status) {
            metrics_.client_requests
                .with({status == 0 ? "<error>" : std::to_string(status), host, std::string(method)})
                .add();
          }),
      proxy_(client_),
      events_(client_, clock, "trustee-operator", settings_.identity) {}

OperatorService::~OperatorService() {
  hard_stop_.request_stop();
  stop_workers();
  if (cache_) cache_->stop();
}

Result<std::unique_ptr<OperatorService>> OperatorService::create(k8s::Access access,
                                                                 OperatorSettings settings,
                                                                 const Clock& clock,
                                                                 log::Logger logger,
                                                                 std::stop_token stop) {
  TRY(auto credentials, k8s::Credentials::create(std::move(access), clock));
  std::unique_ptr<OperatorService> out(new OperatorService(
      std::move(credentials), std::move(settings), clock, std::move(logger), std::move(stop)));
  TRY_VOID(out->open_endpoints());
  return out;
}

Result<void> OperatorService::open_endpoints() {
  if (auto sockets = sockets_of(settings_.health_address); !sockets.empty()) {
    net::ServerConfig config;
    config.sockets = std::move(sockets);
    const auto ready = [this] { return following_ && cache_->settled(); };
    TRY(health_, Endpoint::create(std::move(config), health_handler(ready)));
  }
  auto sockets = sockets_of(settings_.metrics_address);
  return sockets.empty() ? Result<void>() : open_metrics(std::move(sockets));
}

Result<void> OperatorService::open_metrics(std::vector<std::string> sockets) {
  constexpr std::size_t kQueue = 16;
  TRY(pool_, net::ComputePool::create({.threads = 1, .queue = kQueue, .per_peer = kQueue}));
  metrics_desk_ = std::make_unique<MetricsDesk>(
      MetricsDesk{client_, registry_, metrics_, *pool_, settings_.metrics_secure});
  net::ServerConfig config;
  config.sockets = std::move(sockets);
  if (settings_.metrics_secure && settings_.metrics_certificate.empty()) {
    TRY(self_signed_, net::SelfSigned::create(clock_.now()));
    config.tls = self_signed_->config();
  } else if (settings_.metrics_secure) {
    net::TlsConfig tls;
    tls.certificate_file = settings_.metrics_certificate;
    tls.private_key_file = settings_.metrics_key;
    config.tls = std::move(tls);
  }
  TRY(metrics_endpoint_, Endpoint::create(std::move(config), metrics_handler(*metrics_desk_)));
  return {};
}

// A role bound in one namespace only is enough; then only that namespace is looked at.
bool OperatorService::may_list_everywhere() {
  for (const k8s::Resource* resource : {&kTrusteeConfigs, &kKbsConfigs}) {
    const auto listed = client_.get_path(k8s::path_of(*resource, {}) + "?limit=1");
    if (!listed.ok() && listed.error().is(k8s::Errc::forbidden)) return false;
  }
  return true;
}

Desk OperatorService::desk() {
  return {.client = client_,
          .clock = clock_,
          .cache = *cache_,
          .index = index_,
          .events = events_,
          .fresh_keys = fresh_keys_,
          .metrics = metrics_,
          .logger = logger_,
          .ns = settings_.ns,
          .images = settings_.images,
          .proxy = [this] { return proxy_.now(); }};
}

void OperatorService::note_change(const operators::ObjectRef& object) {
  if (object.kind == operators::kTrusteeConfig) trustee_->add({object.ns, object.name});
  if (object.kind == operators::kKbsConfig) kbs_->add({object.ns, object.name});
  for (const k8s::WorkKey& owner : index_.owners_of(object)) {
    Reconciler& loop = owner.kind == operators::kTrusteeConfig ? *trustee_ : *kbs_;
    loop.add({owner.ns, owner.name});
  }
}

void OperatorService::start_workers() {
  for (Reconciler* loop : {trustee_.get(), kbs_.get()}) {
    workers_.emplace_back([loop](const std::stop_token& stop) { loop->run(stop); });
  }
}

void OperatorService::stop_workers() {
  for (std::jthread& worker : workers_) {
    worker.request_stop();
  }
  workers_.clear();
}

void OperatorService::tell_leading() {
  const json::Object lease{
      {"apiVersion", k8s::kLeases.api_version()},
      {"kind", k8s::kLeases.kind},
      {"metadata", json::Object{{"name", kLease}, {"namespace", settings_.lease_ns}}}};
  const auto told = events_.write(
      lease, {false, "LeaderElection", "Elect", settings_.identity + " became leader"});
  if (!told.ok()) {
    logger_.warn("the election could not be told as an event", {{"code", told.error().code()}});
  }
}

Result<void> OperatorService::lead() {
  const std::string name(kLease);
  metrics::Gauge& leading = metrics_.leading.with({name});
  leading.set(0);
  k8s::Election election(client_, clock_, {settings_.lease_ns, name}, settings_.identity);
  logger_.info("waits for the lease", {{"lease", name}, {"identity", settings_.identity}});
  k8s::ElectionCalls calls;
  calls.on_leading = [&] {
    leading.set(1);
    logger_.info("leads");
    start_workers();
    tell_leading();
  };
  calls.on_stopping = [&] {
    stop_workers();
    leading.set(0);
  };
  calls.on_trouble = [&](const Error& error) {
    logger_.limited().warn("the lease cannot be had", {{"reason", error.to_string()}});
  };
  return election.hold(stop_, calls);
}

Result<void> OperatorService::run() {
  Cache::Settings settings{.ns = settings_.ns, .everywhere = may_list_everywhere()};
  settings.on_change = [this](const operators::ObjectRef& object) { note_change(object); };
  settings.on_trouble = [this](std::string_view kind, const Error& error) {
    logger_.limited().warn("a watch is interrupted",
                           {{"kind", kind}, {"reason", error.to_string()}});
  };
  cache_ = std::make_unique<Cache>(client_, std::move(settings));
  trustee_ = std::make_unique<Reconciler>(desk(), *kind_named(operators::kTrusteeConfig),
                                          operators::decide_trustee_config, "trusteeconfig");
  kbs_ = std::make_unique<Reconciler>(desk(), *kind_named(operators::kKbsConfig),
                                      operators::decide_kbs_config, "kbsconfig");
  cache_->start();
  following_ = true;
  logger_.info("follows the cluster",
               {{"server", credentials_->access().server}, {"namespace", settings_.ns}});
  if (settings_.elect) return lead();
  start_workers();
  while (pace_.sleep(std::chrono::hours(1), stop_)) {
  }
  stop_workers();
  return {};
}

}  // namespace trustee::control
