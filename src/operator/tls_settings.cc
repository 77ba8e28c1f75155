#include "operator/tls_settings.h"

#include <algorithm>
#include <array>

#include "base/try.h"
#include "operator/cipher_names.h"
#include "operator/errors.h"
#include "operator/object_tree.h"
#include "operator/toml_write.h"

namespace trustee::operators {
namespace {

constexpr std::array<std::string_view, 4> kProfiles = {"old", "intermediate", "modern", "custom"};
constexpr std::array<std::string_view, 5> kKeys = {"tls_profile", "tls_min_version",
                                                   "tls_max_version", "tls_ciphers", "tls_groups"};

Result<void> add_version(TlsSettings& settings, std::string_view key, const std::string& version) {
  if (version.empty()) {
    return {};
  }
  if (version != "1.2" && version != "1.3") {
    return Error(Errc::tls_settings_invalid,
                 "TLS version " + version + " is not offered; write 1.2 or 1.3");
  }
  settings.keys.emplace_back(key, version);
  return {};
}

bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<void> add_list(TlsSettings& settings, std::string_view key,
                      const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    if (!is_name(name)) {
      return Error(Errc::tls_settings_invalid, "`" + name + "` is no name for " + std::string(key));
    }
    list += (list.empty() ? "" : ":") + name;
  }
  if (!list.empty()) {
    settings.keys.emplace_back(key, list);
  }
  return {};
}

}  // namespace

bool is_tls_key(std::string_view key) { return std::ranges::find(kKeys, key) != kKeys.end(); }

Result<TlsSettings> read_tls_settings(const json::Object* tls_config) {
  TlsSettings settings{"intermediate", {}};
  const json::Object none;
  const auto& config = tls_config == nullptr ? none : *tls_config;
  if (auto profile = text_at(config, {"profile"}); !profile.empty()) {
    settings.profile = std::move(profile);
  }
  if (std::ranges::find(kProfiles, settings.profile) == kProfiles.end()) {
    return Error(Errc::tls_settings_invalid, "unknown TLS profile `" + settings.profile + "`");
  }
  settings.keys.emplace_back(kKeys[0], settings.profile);
  if (settings.profile != "custom") {
    return settings;
  }
  const auto min = text_at(config, {"minVersion"});
  const auto max = text_at(config, {"maxVersion"});
  TRY_VOID(add_version(settings, kKeys[1], min));
  TRY_VOID(add_version(settings, kKeys[2], max));
  if (min == "1.3" && max == "1.2") {
    return Error(Errc::tls_settings_invalid, "minVersion must not be greater than maxVersion");
  }
  std::vector<std::string> ciphers;
  for (const auto& name : texts_at(config, {"ciphers"})) {
    ciphers.push_back(openssl_cipher_name(name));
  }
  TRY_VOID(add_list(settings, kKeys[3], ciphers));
  TRY_VOID(add_list(settings, kKeys[4], texts_at(config, {"groups"})));
  return settings;
}

std::string tls_block(const TlsSettings& settings, std::string_view prefix) {
  std::string block = "\n# TLS configuration - Mozilla " + settings.profile + " profile\n\n";
  for (const auto& [key, value] : settings.keys) {
    block += std::string(prefix) + key + " = ";
    append_toml_string(block, value);
    block += '\n';
  }
  return block;
}

}  // namespace trustee::operators
