#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/trustee/home.h"
#include "base/result.h"
#include "config/types.h"
#include "tee/tee.h"

namespace trustee::apps {

/// `trustee up` (and `run`, its old name): everything in one process for one machine. With a
/// configuration file, sockets and certificate are its, and of the options only `allow_all` counts.
struct UpOptions {
  std::vector<std::string> sockets = {"127.0.0.1:8080"};
  bool insecure_http = false;
  bool allow_all = false;
  std::optional<std::string> certificate;
  std::optional<std::string> private_key;
  std::optional<std::string> config_file;
};

/// The configuration of a one-machine Trustee in `home`: SQLite, an administrator with the key and
/// token of the home, the built-in attestation service trusted and no other. Errors:
/// config::invalid_value when plain HTTP is asked for on an address that is not loopback.
Result<config::Kbs> up_config(const Home& home, const UpOptions& options);

/// Runs it until a signal. Errors: those of start-up.
Result<void> run_up(const std::string& home_path, const UpOptions& options,
                    const tee::Trust& trust);

}  // namespace trustee::apps
