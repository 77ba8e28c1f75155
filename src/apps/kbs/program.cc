#include "apps/kbs/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/process/process.h"
#include "apps/service/config_file.h"
#include "config/errors.h"

namespace trustee::apps {
namespace {

int serve(const ConfigFile& file, ServiceOptions options, const Clock& clock) {
  const auto format = file.loaded.config.log_format == config::LogFormat::json ? log::Format::json
                                                                               : log::Format::text;
  auto log = ProcessLog::create(STDOUT_FILENO, "info", format, clock);
  if (!log.ok()) return fail(log.error());
  const log::Logger logger = (*log)->logger("kbs");
  logger.info("Key Broker Service starts", {{"version", kVersion}});
  logger.info("Using config file " + file.path);
  for (const auto& warning : file.loaded.warnings) {
    logger.warn(warning);
  }
  auto service = KbsService::create(file.loaded.config, std::move(options), clock, logger);
  if (!service.ok()) return fail(service.error());
  (*service)->run();
  logger.info("stopped");
  return 0;
}

// Everything start-up would refuse because of the file alone; nothing is opened or fetched.
int check(const ConfigFile& file) {
  for (const auto& warning : file.loaded.warnings) {
    std::printf("warning: %s\n", warning.c_str());
  }
  const auto later = config::not_supported_yet(file.loaded.config);
  for (const auto& what : later) {
    std::fprintf(stderr, "error: %s is not built in yet\n", what.c_str());
  }
  if (!later.empty()) return 1;
  std::printf("%s is a usable configuration\n", file.path.c_str());
  return 0;
}

int parse_and_run(int argc, char** argv, ServiceOptions options, const Clock& clock) {
  CLI::App app("Key Broker Service: releases secrets to guests whose evidence proves what they run",
               "kbs");
  std::string path;
  bool check_only = false;
  app.add_option("-c,--config-file", path, "Configuration file (TOML, YAML or JSON)")
      ->envname("KBS_CONFIG_FILE")
      ->required();
  app.add_flag("--check-config", check_only,
               "Load the configuration, say what is wrong with it, and exit");
  app.set_version_flag("-V,--version", std::string("kbs ") + kVersion);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  const auto file = load_config_file(path);
  if (!file.ok()) return fail(file.error());
  if (check_only) return check(*file);
  harden_process();
  return serve(*file, std::move(options), clock);
}

}  // namespace

int run_kbs(int argc, char** argv, ServiceOptions options, const Clock& clock) {
  return run_program([&] { return parse_and_run(argc, argv, std::move(options), clock); });
}

}  // namespace trustee::apps
