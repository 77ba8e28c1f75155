#include "apps/service/config_file.h"

#include <sys/stat.h>

#include <array>

#include "base/try.h"
#include "config/document.h"
#include "config/errors.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

bool is_file(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Result<std::string> resolve(const std::string& path) {
  if (is_file(path)) return path;
  for (const char* extension : {".toml", ".yaml", ".yml", ".json"}) {
    if (is_file(path + extension)) return path + extension;
  }
  return Error(config::Errc::not_found, "there is no such file");
}

Result<config::Loaded<config::Kbs>> read(const std::string& path) {
  TRY(const config::Format format, config::format_of(path));
  TRY(const std::string text, reload::read_file(path));
  TRY(const json::Value root, config::parse_document(text, format));
  return config::load_kbs(root);
}

Error explained(const std::string& path, const Error& cause) {
  const std::string reason =
      cause.detail().empty() ? std::string(cause.code().text()) : cause.detail();
  std::string text = "failed to load configuration file " + path + ": " + reason;
  if (const auto anchor = config::help_anchor(reason); !anchor.empty()) {
    text += "\nSee docs/configuration.md#" + std::string(anchor) + ".";
  }
  return Error(cause.code(), std::move(text));
}

}  // namespace

Result<ConfigFile> load_config_file(const std::string& path) {
  const auto file = resolve(path);
  if (!file.ok()) return explained(path, file.error());
  auto loaded = read(*file);
  if (!loaded.ok()) return explained(*file, loaded.error());
  return ConfigFile{*file, std::move(*loaded)};
}

}  // namespace trustee::apps
