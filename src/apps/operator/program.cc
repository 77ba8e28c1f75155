#include "apps/operator/program.h"

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "apps/operator/go_flags.h"
#include "apps/process/process.h"
#include "base/try.h"
#include "codec/hex.h"
#include "control/operator_service.h"
#include "crypto/random.h"
#include "k8s/errors.h"

namespace trustee::apps {
namespace {

constexpr const char* kDefaultNamespace = "trustee-operator-system";

struct Options {
  std::string metrics_bind_address = "0";
  bool metrics_secure = true;
  std::string metrics_cert_path;
  std::string metrics_cert_name = "tls.crt";
  std::string metrics_cert_key = "tls.key";
  std::string health_probe_bind_address = ":8081";
  bool leader_elect = false;
  std::string kubeconfig;
  bool zap_devel = true;
  std::string zap_encoder;
  std::string zap_log_level;
  std::string zap_stacktrace_level;
  std::string zap_time_encoding;
  bool version = false;
};

GoFlags flags_of(Options& o) {
  GoFlags out("manager", "Trustee operator: deploys and configures Trustee in Kubernetes");
  out.text("metrics-bind-address", o.metrics_bind_address,
           "Where metrics are served, e.g. :8443; 0 for nowhere");
  out.truth("metrics-secure", o.metrics_secure,
            "Metrics over HTTPS for readers whom the API server knows and allows");
  out.text("metrics-cert-path", o.metrics_cert_path,
           "Directory of the metrics certificate; without it one is made at the start");
  out.text("metrics-cert-name", o.metrics_cert_name, "Certificate file in that directory");
  out.text("metrics-cert-key", o.metrics_cert_key, "Private key file in that directory");
  out.text("health-probe-bind-address", o.health_probe_bind_address,
           "Where /healthz and /readyz are served");
  out.truth("leader-elect", o.leader_elect, "Of several replicas only one works");
  out.text("kubeconfig", o.kubeconfig, "Kubeconfig file; in a pod it is not needed");
  out.truth("zap-devel", o.zap_devel, "Log as text, not as JSON");
  out.choice("zap-encoder", o.zap_encoder, {"console", "json"}, "How to log: console or json");
  out.level("zap-log-level", o.zap_log_level, {"debug", "info", "error", "panic"},
            "What to log: debug, info, error, panic, or a number above 0, which is debug");
  out.choice("zap-stacktrace-level", o.zap_stacktrace_level, {"info", "error", "panic"},
             "Accepted, without effect");
  out.choice("zap-time-encoding", o.zap_time_encoding,
             {"epoch", "millis", "nanos", "iso8601", "rfc3339", "rfc3339nano"},
             "Accepted, without effect");
  out.truth("version", o.version, "Print the version and exit");
  return out;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

operators::Images images() {
  return {variable("KBS_IMAGE_NAME"), variable("KBS_IMAGE_NAME_MICROSERVICES"),
          variable("AS_IMAGE_NAME"), variable("RVPS_IMAGE_NAME")};
}

std::string log_level(const Options& o) {
  if (o.zap_log_level.empty()) return "info";
  if (o.zap_log_level == "panic") return "error";
  const bool word = o.zap_log_level == "info" || o.zap_log_level == "error";
  return word ? o.zap_log_level : "debug";
}

log::Format log_format(const Options& o) {
  if (!o.zap_encoder.empty()) {
    return o.zap_encoder == "json" ? log::Format::json : log::Format::text;
  }
  return o.zap_devel ? log::Format::text : log::Format::json;
}

/// Has a thread wait for SIGTERM and SIGINT: the first stops in order, the second and half a minute
/// end at once with status 1. The thread is there until the process has gone, so what it uses is
/// its own.
std::stop_token stop_on_signals() {
  sigset_t set{};
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);  // inherited by every thread
  std::stop_source source;
  std::thread([set, source]() mutable {
    int signal = 0;
    ::sigwait(&set, &signal);
    source.request_stop();
    constexpr timespec kGrace{30, 0};
    ::sigtimedwait(&set, nullptr, &kGrace);
    ::_exit(1);
  }).detach();
  return source.get_token();
}

control::OperatorSettings settings_of(const Options& o, const k8s::Access& access) {
  control::OperatorSettings out;
  const std::string ns = variable("POD_NAMESPACE");
  out.ns = ns.empty() ? kDefaultNamespace : ns;
  out.lease_ns = access.in_cluster ? access.default_ns : out.ns;
  char host[256] = "manager";
  ::gethostname(host, sizeof host - 1);
  constexpr std::size_t kIdentity = 16;
  out.identity = std::string(host) + '_' + codec::hex_encode(crypto::random_vec(kIdentity));
  out.elect = o.leader_elect;
  out.health_address = o.health_probe_bind_address;
  out.metrics_address = o.metrics_bind_address;
  out.metrics_secure = o.metrics_secure;
  if (!o.metrics_cert_path.empty()) {
    out.metrics_certificate = o.metrics_cert_path + '/' + o.metrics_cert_name;
    out.metrics_key = o.metrics_cert_path + '/' + o.metrics_cert_key;
  }
  out.images = images;
  return out;
}

Result<void> serve(const Options& options, const Clock& clock, const log::Logger& logger,
                   const std::stop_token& stop) {
  TRY(k8s::Access access, k8s::find_access(k8s::places_from_environment(options.kubeconfig)));
  control::OperatorSettings settings = settings_of(options, access);
  settings.on_lease_lost = [logger](const Error& error) {
    logger.error("the lease is lost", {{"reason", error.to_string()}});
    ::_exit(1);  // another may lead already: nothing more is written
  };
  logger.info("Trustee operator starts", {{"version", kVersion}, {"namespace", settings.ns}});
  TRY(auto service, control::OperatorService::create(std::move(access), std::move(settings), clock,
                                                     logger, stop));
  return service->run();
}

int parse_and_run(int argc, char** argv, const Clock& clock) {
  Options options;
  GoFlags flags = flags_of(options);
  std::string problem;
  switch (flags.read({argv + 1, argv + argc}, problem)) {
    case GoFlags::Reading::help:
      std::printf("%s", flags.usage().c_str());
      return 0;
    case GoFlags::Reading::wrong:
      std::fprintf(stderr, "%s\n%s", problem.c_str(), flags.usage().c_str());
      return 2;
    case GoFlags::Reading::done:
      break;
  }
  if (options.version) {
    std::printf("manager %s\n", kVersion);
    return 0;
  }
  ::mallopt(M_ARENA_MAX, 2);  // a dozen threads that mostly sleep
  harden_process();
  const std::stop_token stop = stop_on_signals();
  auto log = ProcessLog::create(STDOUT_FILENO, log_level(options), log_format(options), clock);
  if (!log.ok()) return fail(log.error());
  const log::Logger logger = (*log)->logger("operator");
  const auto done = serve(options, clock, logger, stop);
  if (!done.ok()) return fail(done.error());
  logger.info("stopped");
  return 0;
}

}  // namespace

int run_manager(int argc, char** argv, const Clock& clock) {
  return run_program([&] { return parse_and_run(argc, argv, clock); });
}

}  // namespace trustee::apps
