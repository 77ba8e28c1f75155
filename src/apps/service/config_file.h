#pragma once

#include <string>

#include "base/result.h"
#include "config/load.h"

namespace trustee::apps {

/// A configuration as loaded, and from which file.
struct ConfigFile {
  std::string path;
  config::Loaded<config::Kbs> loaded;
};

/// Loads the configuration of the KBS. When `path` is no file, `.toml`, `.yaml`, `.yml` and `.json`
/// are tried behind it. The error's detail is what a person should read: `failed to load
/// configuration file <path>: <cause>` and where the section is documented (kbs.md 2.1).
Result<ConfigFile> load_config_file(const std::string& path);

}  // namespace trustee::apps
