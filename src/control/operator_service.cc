#include "control/operator_service.h"

#include <utility>

#include "base/try.h"
#include "control/reach.h"
#include "operator/names.h"

namespace trustee::control {
namespace {

constexpr std::string_view kLease = "178dc119.confidentialcontainers.org";

/// An attempt, at most two requests, fits well into the deadline of a renewal.
constexpr k8s::TransportLimits kElectionLimits{.connect = std::chrono::seconds(2),
                                               .exchange = std::chrono::seconds(3)};

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
      client_(transport_, pace_, cut_.get_token(), counter(), {.end = ending_.get_token()}),
      election_transport_(*credentials_, "trustee-operator", kElectionLimits),
      election_client_(election_transport_, pace_, hard_stop_.get_token(), counter(),
                       {.attempts = 1}),
      open_shift_(client_),
      events_(client_, clock, "trustee-operator", settings_.identity) {}

k8s::OnAnswer OperatorService::counter() {
  return
      [this, host = host_of(credentials_->access().server)](std::string_view method, int status) {
        const std::string code = status == 0 ? "<error>" : std::to_string(status);
        metrics_.client_requests.with({code, host, std::string(method)}).add();
      };
}

OperatorService::~OperatorService() {
  cut_everything();
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
  TRY(pool_, net::ComputePool::create({.threads = 1, .queue = kQueue}));
  metrics_desk_ = std::make_unique<MetricsDesk>(
      MetricsDesk{client_, registry_, metrics_, *pool_, settings_.metrics_secure});
  net::ServerConfig config;
  config.sockets = std::move(sockets);
  const bool files = settings_.metrics_secure && !settings_.metrics_certificate.empty();
  if (settings_.metrics_secure && !files) {
    TRY(self_signed_, net::SelfSigned::create(clock_.now()));
    config.tls = self_signed_->config();
  }
  net::TlsConfig tls;
  tls.certificate_file = settings_.metrics_certificate;
  tls.private_key_file = settings_.metrics_key;
  if (files) config.tls = tls;
  TRY(metrics_endpoint_, Endpoint::create(std::move(config), metrics_handler(*metrics_desk_)));
  return files ? watch_certificate(tls) : Result<void>();
}

Result<void> OperatorService::watch_certificate(const net::TlsConfig& files) {
  const auto notice = [this](reload::Watch::Outcome outcome, const std::string& text) {
    if (outcome == reload::Watch::Outcome::refused) {
      logger_.warn(text);
    } else {
      logger_.info(text);
    }
  };
  TRY(certificate_files_,
      CertificateFiles::create(*metrics_endpoint_, files, clock_.now(), notice));
  lookout_ = std::make_unique<reload::Lookout>(certificate_files_->watch(), clock_);
  return {};
}

// Asks until it is known. Shape: nothing when stopped meanwhile.
std::optional<bool> OperatorService::reach() {
  constexpr k8s::Backoff kWaits;
  std::optional<k8s::Instant> forbidden;
  for (unsigned failures = 1;; ++failures) {
    const auto everywhere = may_list_everywhere(client_);
    if (everywhere.ok()) {
      if (*everywhere) return true;
      if (!forbidden.has_value()) forbidden = pace_.now();
      if (pace_.now() - *forbidden >= k8s::kStartupRefusals) return false;
      if (!pace_.sleep(k8s::kStartupRefusals, stop_)) return std::nullopt;
      continue;
    }
    logger_.limited().warn("it is not known which namespaces may be looked at",
                           {{"reason", everywhere.error().to_string()}});
    if (!pace_.sleep(kWaits.after(failures, pace_.chance()), stop_)) return std::nullopt;
  }
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
          .open_shift = [this] { return open_shift_.now(); }};
}

void OperatorService::note_change(const operators::ObjectRef& object) {
  if (object.kind == operators::kTrusteeConfig) trustee_->add({object.ns, object.name});
  if (object.kind == operators::kKbsConfig) kbs_->add({object.ns, object.name});
  for (const k8s::WorkKey& owner : index_.owners_of(object)) {
    Reconciler& loop = owner.kind == operators::kTrusteeConfig ? *trustee_ : *kbs_;
    loop.add({owner.ns, owner.name});
  }
}

void OperatorService::cut_everything() {
  ending_.request_stop();
  cut_.request_stop();
  hard_stop_.request_stop();
}

// Another that waits for the lease is not kept waiting by requests that wait themselves.
void OperatorService::end_work_when_stopped(const std::stop_token& over) {
  constexpr std::chrono::seconds kToFinish{5};
  std::stop_source either;
  const auto wake = [&either] { either.request_stop(); };
  const std::stop_callback stopped(stop_, wake);
  const std::stop_callback ended(over, wake);
  while (pace_.sleep(std::chrono::hours(1), either.get_token())) {
  }
  ending_.request_stop();
  if (pace_.sleep(kToFinish, over)) cut_.request_stop();
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
  const k8s::EventText text{false, "LeaderElection", "Elect",
                            settings_.identity + " became leader"};
  const auto told = events_.write(lease, events_.occur(lease, text));
  if (!told.ok()) {
    logger_.warn("the election could not be told as an event", {{"code", told.error().code()}});
  }
}

k8s::ElectionCalls OperatorService::election_calls(metrics::Gauge& leading) {
  k8s::ElectionCalls calls;
  calls.on_leading = [this, &leading] {
    leading.set(1);
    logger_.info("leads");
    start_workers();
    workers_.emplace_back([this] { tell_leading(); });
  };
  calls.on_stopping = [this, &leading] {
    stop_workers();
    leading.set(0);
  };
  calls.on_trouble = [this](const Error& error) {
    logger_.limited().warn("the lease cannot be had", {{"reason", error.to_string()}});
  };
  calls.on_lost = [this, &leading](const Error& error) {
    cut_everything();
    leading.set(0);
    if (settings_.on_lease_lost) settings_.on_lease_lost(error);
  };
  return calls;
}

Result<void> OperatorService::lead() {
  const std::string name(kLease);
  metrics::Gauge& leading = metrics_.leading.with({name});
  leading.set(0);
  k8s::Election election(election_client_, clock_, {settings_.lease_ns, name}, settings_.identity);
  logger_.info("waits for the lease", {{"lease", name}, {"identity", settings_.identity}});
  return election.hold(stop_, election_calls(leading));
}

// What the role does not allow is asked for every half minute, and said once.
bool OperatorService::is_news(std::string_view kind, const Error& error) {
  const MutexLock lock(told_mutex_);
  std::string& told = told_[std::string(kind)];
  const bool known = told == error.code().id();
  told = error.code().id();
  return !known || !error.is(k8s::Errc::forbidden);
}

Result<void> OperatorService::run() {
  const std::jthread ender([this](const std::stop_token& over) { end_work_when_stopped(over); });
  const std::optional<bool> everywhere = reach();
  if (!everywhere.has_value()) return {};
  Cache::Settings settings{.ns = settings_.ns, .everywhere = *everywhere};
  settings.on_change = [this](const operators::ObjectRef& object) { note_change(object); };
  settings.on_trouble = [this](std::string_view kind, const Error& error) {
    if (!is_news(kind, error)) return;
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
