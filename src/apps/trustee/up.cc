#include "apps/trustee/up.h"

#include <unistd.h>

#include "apps/process/process.h"
#include "apps/service/config_file.h"
#include "apps/service/kbs_service.h"
#include "base/try.h"
#include "config/errors.h"

namespace trustee::apps {
namespace {

bool is_loopback(std::string_view socket) {
  return socket.starts_with("127.") || socket.starts_with("[::1]:");
}

Result<void> check_plain_http(const UpOptions& o) {
  if (o.certificate && o.private_key) return {};
  if (o.certificate || o.private_key) {
    return Error(config::Errc::missing_key, "--certificate and --private-key go together");
  }
  for (const auto& socket : o.sockets) {
    if (is_loopback(socket)) continue;
    return Error(config::Errc::invalid_value,
                 socket + " is reachable from elsewhere: give --certificate and --private-key");
  }
  return {};
}

config::Admin admin_of(const Home& home) {
  config::Admin out;
  out.mode = config::AdminMode::authenticated;
  config::IdentityProvider provider;
  provider.issuer = "trustee";
  provider.audience = "kbs";
  provider.public_key_uri = home.admin_public_key();
  out.identity_providers.push_back(std::move(provider));
  out.acls.push_back({"admin", "^/kbs/.+$", {}});
  return out;
}

}  // namespace

Result<config::Kbs> up_config(const Home& home, const UpOptions& o) {
  TRY_VOID(check_plain_http(o));
  config::Kbs out;
  out.http_server.sockets = o.sockets;
  out.http_server.insecure_http = !o.certificate;
  out.http_server.certificate = o.certificate;
  out.http_server.private_key = o.private_key;
  out.attestation_token.trust_builtin_as = true;
  out.attestation_service.broker.signer = config::TokenSigner{home.token_key(), {}, {}};
  out.admin = admin_of(home);
  out.storage.type = config::StorageType::sqlite;
  out.storage.sqlite_path = home.store();
  out.plugins.push_back({});
  return out;
}

Result<void> run_up(const std::string& home_path, const UpOptions& o, const tee::Trust& trust) {
  TRY(const Home home, Home::open(home_path));
  TRY_VOID(home.prepare());
  config::Loaded<config::Kbs> loaded;
  if (o.config_file) {
    TRY(ConfigFile file, load_config_file(*o.config_file));
    loaded = std::move(file.loaded);
  } else {
    TRY(loaded.config, up_config(home, o));
  }
  const config::Kbs& config = loaded.config;
  const SystemClock clock;
  TRY(const std::unique_ptr<ProcessLog> log,
      ProcessLog::create(STDOUT_FILENO, "info", log::Format::text, clock));
  const log::Logger logger = log->logger("trustee");
  for (const auto& warning : loaded.warnings) {
    logger.warn(warning);
  }
  logger.info("Trustee starts", {{"version", kVersion}, {"home", home_path}});
  if (!o.config_file) logger.info("administrators use the token in " + home.admin_token());
  ServiceOptions options;
  options.trust = trust;
  options.default_resource_policy = o.allow_all ? "resource_allow_all" : "resource_affirming";
  TRY(const std::unique_ptr<KbsService> service,
      KbsService::create(config, std::move(options), clock, logger));
  service->run();
  logger.info("stopped");
  return {};
}

}  // namespace trustee::apps
