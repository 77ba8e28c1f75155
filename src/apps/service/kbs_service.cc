#include "apps/service/kbs_service.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "appraise/default_policies.h"
#include "apps/process/process.h"
#include "apps/service/stores.h"
#include "base/try.h"
#include "config/errors.h"
#include "config/load.h"
#include "crypto/random.h"
#include "fetch/refresher.h"
#include "net/server.h"
#include "reload/keeper.h"
#include "reload/material.h"
#include "reload/parts.h"
#include "serve/app.h"
#include "serve/builtin_evaluator.h"

namespace trustee::apps {
namespace {

constexpr std::size_t kIoThreads = 16;
constexpr std::size_t kIoQueue = 1024;
constexpr std::size_t kComputeQueuePerThread = 256;
constexpr std::size_t kFetchThreads = 8;
constexpr std::size_t kFetchQueue = 128;

Result<void> check_supported(const config::Kbs& config) {
  std::string names;
  for (const auto& name : config::not_supported_yet(config)) {
    names += (names.empty() ? "" : "; ") + name;
  }
  if (names.empty()) return {};
  return Error(config::Errc::not_supported_yet, "not built in yet: " + names);
}

std::string_view shipped_policy(std::string_view id) {
  for (const auto& policy : appraise::resource_policies()) {
    if (policy.id == id) return policy.text;
  }
  return {};
}

net::TlsVersion version_of(config::TlsVersion v) {
  return v == config::TlsVersion::v1_2 ? net::TlsVersion::v1_2 : net::TlsVersion::v1_3;
}

std::optional<net::TlsVersion> version_of(std::optional<config::TlsVersion> v) {
  return v ? std::optional(version_of(*v)) : std::nullopt;
}

std::optional<net::TlsConfig> tls_of(const config::HttpServer& http) {
  if (http.insecure_http) return std::nullopt;
  net::TlsConfig out;
  out.certificate_file = *http.certificate;
  out.private_key_file = *http.private_key;
  out.profile = static_cast<net::TlsProfile>(http.tls.profile);
  out.min_version = version_of(http.tls.min_version);
  out.max_version = version_of(http.tls.max_version);
  out.ciphers = http.tls.ciphers;
  out.groups = http.tls.groups;
  return out;
}

std::set<std::string> plugin_names(const config::Kbs& config) {
  std::set<std::string> out;
  for (const auto& plugin : config.plugins) {
    if (plugin.kind == config::PluginKind::resource) out.insert("resource");
    if (plugin.kind == config::PluginKind::sample) out.insert("sample");
  }
  return out;
}

std::string listening_line(const config::HttpServer& http,
                           const std::vector<std::uint16_t>& ports) {
  std::string sockets;
  for (std::size_t i = 0; i < http.sockets.size() && i < ports.size(); ++i) {
    const std::string& socket = http.sockets[i];
    sockets +=
        (i == 0 ? "" : ", ") + socket.substr(0, socket.rfind(':') + 1) + std::to_string(ports[i]);
  }
  return std::string("Starting ") + (http.insecure_http ? "HTTP" : "HTTPS") + " server at [" +
         sockets + "]";
}

/// In a pod: its node goes on sending connections until it has learnt that the pod ends. With the
/// drain limit it stays below the 40 seconds that the operator gives.
std::chrono::milliseconds farewell() {
  constexpr std::chrono::seconds kInPods{5};
  return std::getenv("KUBERNETES_SERVICE_HOST") == nullptr ? std::chrono::seconds(0) : kInPods;
}

}  // namespace

struct KbsService::State {
  State(const config::Kbs& c, ServiceOptions o, const Clock& k, log::Logger l)
      : config(c),
        options(std::move(o)),
        clock(k),
        logger(std::move(l)),
        stores(config, [log = logger](const std::string& notice) { log.warn(notice); }),
        metrics(registry),
        collateral_metrics(registry) {}

  Result<void> open_world();
  Result<void> open_session_keys(kv::Store& store, Time now);
  Result<void> open_policies();
  Result<void> open_pools();
  void start_refresher();
  Result<void> open_server();
  Result<void> watch_tls();

  const config::Kbs config;
  ServiceOptions options;
  const Clock& clock;
  log::Logger logger;
  Stores stores;
  metrics::Registry registry;
  metrics::KbsMetrics metrics;
  metrics::CollateralMetrics collateral_metrics;
  serve::Namespaces namespaces;
  std::unique_ptr<world::Worlds> worlds;
  std::unique_ptr<reload::Keeper> keeper;
  std::unique_ptr<net::HttpClient> client;  ///< of `watch`
  std::unique_ptr<reload::Watch> watch;
  std::unique_ptr<net::ComputePool> compute;
  std::unique_ptr<net::ComputePool> io;
  /// Apart from `io`: anybody can make us wait for a vendor's server, and nobody's secret shall
  /// wait with it.
  std::unique_ptr<net::ComputePool> fetching;
  serve::Decisions decisions;
  std::unique_ptr<serve::BuiltinEvaluator> evaluator;
  std::unique_ptr<fetch::Refresher> refresher;
  std::unique_ptr<serve::Explanations> explanations;
  std::unique_ptr<serve::App> app;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<reload::Lookout> lookout;
  std::unique_ptr<reload::StoreLookout> store_lookout;
};

Result<void> KbsService::State::open_world() {
  TRY(client, net::HttpClient::create({}));
  TRY(const std::shared_ptr<kv::Store> main_store, stores.main());
  logger.info("storage backend", {{"type", main_store->kind()}});
  world::World first;
  first.attestation_policies = std::make_shared<const appraise::PolicySet>();
  first.references = std::make_shared<const rego::ReferenceSet>();
  first.trust = std::make_shared<const tee::Trust>(
      reload::verifier_trust(*options.trust, config.attestation_service.verifiers));
  first.not_ready = "no policy was loaded yet";
  worlds = std::make_unique<world::Worlds>(std::move(first));
  watch = std::make_unique<reload::Watch>(
      *client, [log = logger](reload::Watch::Outcome outcome, const std::string& notice) {
        if (outcome == reload::Watch::Outcome::reloaded) {
          log.info(notice);
        } else {
          log.warn(notice);
        }
      });
  const Time now = clock.now();
  const config::TokenBroker& broker = config.attestation_service.broker;
  TRY_VOID(watch->start(
      reload::token_signing_key(broker, config.attestation_token.trust_builtin_as, *worlds), now));
  TRY_VOID(
      watch->start(reload::token_trust(config.attestation_token, *worlds, watch->texts()), now));
  TRY(namespaces, stores.open());
  TRY_VOID(watch->start(reload::administrators(config.admin, *worlds, watch->texts()), now));
  if (config.admin.mode == config::AdminMode::insecure_allow_all) {
    logger.warn("every admin call is allowed: authorization_mode is InsecureAllowAll");
  }
  TRY_VOID(watch->start(reload::trusted_tpm_keys(config.attestation_service.verifiers.tpm, *worlds),
                        now));
  TRY_VOID(appraise::check_settings(reload::ear_settings(broker)));
  if (!broker.signer) {
    logger.info(
        "No Token Signer key in config file, create an ephemeral key and without CA "
        "pubkey cert");
  }
  logger.info("launch a built-in RVPS.");  // the line that the operator's documents look for
  TRY_VOID(open_session_keys(*main_store, now));
  return open_policies();
}

Result<void> KbsService::State::open_session_keys(kv::Store& store, Time now) {
  const auto origin = reload::session_key_origin(config.session_key_paths, store);
  if (config.session_key_paths.empty()) {
    TRY(authz::CookieKeyRing ring, reload::load_session_keys(store));
    auto shared = std::make_shared<const authz::CookieKeyRing>(std::move(ring));
    worlds->change([&](world::World& w) { w.cookie_keys = std::move(shared); });
  } else {
    TRY_VOID(watch->start(reload::session_keys(config.session_key_paths, *worlds), now));
  }
  logger.info("session keys come from " + std::string(origin) +
              (origin == "this process" ? "; replicas need affinity" : ""));
  return {};
}

Result<void> KbsService::State::open_policies() {
  keeper = std::make_unique<reload::Keeper>(
      reload::Sources{namespaces.policies, namespaces.attestation_policies, namespaces.references},
      *worlds, [log = logger.limited()](const std::string& notice) { log.warn(notice); });
  // An old file that names no policy had the site's own: if that is gone, none takes its place.
  const bool ships = config.old_places.usual_resource_policies.empty();
  TRY_VOID(keeper->start(ships ? std::optional(shipped_policy(options.default_resource_policy))
                               : std::nullopt));
  const auto policy = worlds->current()->resource_policy;
  if (policy != nullptr && policy->text() == shipped_policy("resource_default")) {
    logger.warn(
        "the default resource policy is active: it refuses sample evidence only and does "
        "not look at the attestation status; consider the affirming policy");
  }
  return {};
}

Result<void> KbsService::State::open_pools() {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  TRY(compute,
      net::ComputePool::create({.threads = cores, .queue = cores * kComputeQueuePerThread}));
  TRY(io, net::ComputePool::create({.threads = kIoThreads, .queue = kIoQueue}));
  TRY(fetching, net::ComputePool::create({.threads = kFetchThreads, .queue = kFetchQueue}));
  return {};
}

void KbsService::State::start_refresher() {
  const auto notice = [log = logger](const std::string& text) { log.warn(text); };
  refresher = std::make_unique<fetch::Refresher>(evaluator->documents().engine(), clock, notice);
}

Result<void> KbsService::State::open_server() {
  serve::Settings settings;
  settings.session_lifetime = std::chrono::minutes(config.attestation_service.timeout_min);
  settings.plugins = plugin_names(config);
  TRY(evaluator,
      serve::BuiltinEvaluator::create(
          config.attestation_service, reload::ear_settings(config.attestation_service.broker),
          *worlds->current()->trust,
          {decisions, clock, *compute, *fetching, namespaces.collateral, &collateral_metrics}));
  start_refresher();
  explanations = std::make_unique<serve::Explanations>(decisions, *io, clock);
  app = std::make_unique<serve::App>(serve::Parts{namespaces, settings, *worlds, *keeper,
                                                  *evaluator, *explanations, decisions, *compute,
                                                  *io, clock, registry, metrics, logger});
  net::ServerConfig http;
  http.sockets = config.http_server.sockets;
  http.tls = tls_of(config.http_server);
  http.limits = net::limits_for_bodies(config.http_server.payload_request_size_mib << 20U);
  http.workers = config.http_server.worker_count.value_or(0);
  http.handle_signals = true;
  http.farewell = farewell();
  http.decode_pool = compute.get();
  http.on_notice = [log = logger](const std::string& notice) { log.info(notice); };
  http.on_exchange = [this, log = logger.with_target("kbs::access")](const net::Exchange& e) {
    log.info(net::access_line(e));
    if (!e.path.starts_with("/kbs")) return;
    metrics.http_requests.add();
    metrics.http_request_duration.observe(std::chrono::duration<double>(e.until_head).count());
    metrics.http_request_size.observe(static_cast<double>(e.request_bytes));
    metrics.http_response_size.observe(static_cast<double>(e.response_bytes));
  };
  TRY(server, net::Server::create(std::move(http), [this](net::Request request) {
        return app->handle(std::move(request));
      }));
  metrics.build_info.with({kVersion, TRUSTEE_BUILD_COMMIT, "unknown"}).set(1);
  return watch_tls();
}

Result<void> KbsService::State::watch_tls() {
  if (config.http_server.insecure_http) return {};
  reload::Watched files;
  files.name = "TLS certificate and key";
  for (const auto& path : {config.http_server.certificate, config.http_server.private_key}) {
    files.sources.push_back({reload::Source::Kind::text, *path});
  }
  files.take = [this](Time) { return server->reload_tls(); };
  return watch->start(std::move(files), clock.now());
}

KbsService::KbsService(std::unique_ptr<State> state) : state_(std::move(state)) {}
KbsService::~KbsService() = default;

Result<std::unique_ptr<KbsService>> KbsService::create(const config::Kbs& config,
                                                       ServiceOptions options, const Clock& clock,
                                                       log::Logger logger) {
  TRY_VOID(check_supported(config));
  if (!options.trust) {
    TRY(amd::RootSet roots, amd::RootSet::built_in());
    options.trust = tee::Trust{std::move(roots), {}, false};
  }
  auto state = std::make_unique<State>(config, std::move(options), clock, std::move(logger));
  TRY_VOID(state->open_world());
  TRY_VOID(state->open_pools());
  TRY_VOID(state->open_server());
  return std::unique_ptr<KbsService>(new KbsService(std::move(state)));
}

void KbsService::run() {
  state_->logger.info(listening_line(state_->config.http_server, state_->server->ports()));
  // Beside the start, which does not wait for it, and before the first guest, who would.
  std::thread seeding(crypto::seed_signatures);
  state_->lookout = std::make_unique<reload::Lookout>(*state_->watch, state_->clock);
  state_->store_lookout = std::make_unique<reload::StoreLookout>(*state_->keeper);
  const std::size_t lost = state_->server->run();
  state_->store_lookout.reset();
  state_->lookout.reset();
  seeding.join();
  if (lost > 0) state_->logger.warn("requests were cut off at shutdown", {{"count", lost}});
}

void KbsService::stop() { state_->server->stop(); }
const std::vector<std::uint16_t>& KbsService::ports() const { return state_->server->ports(); }

}  // namespace trustee::apps
