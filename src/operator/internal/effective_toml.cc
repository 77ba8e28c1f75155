#include "operator/internal/effective_toml.h"

#include <array>
#include <utility>

#include "base/try.h"
#include "config/document.h"
#include "config/load.h"
#include "operator/effective_config.h"
#include "operator/errors.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/toml_edit.h"
#include "operator/toml_migration.h"
#include "toml/toml.h"

namespace trustee::operators::internal {
namespace {

constexpr std::string_view kDefaultCollateral =
    "https://api.trustedservices.intel.com/sgx/certification/v4/";
constexpr std::array<std::string_view, 4> kCollateralPath = {
    "attestation_service", "verifier_config", "dcap_verifier", "collateral_service"};
constexpr std::string_view kSessionKeys = "session_key_paths";

/// The URL that a TDX ConfigMap of older releases names, unless it is the default.
std::string collateral_service(const json::Object& kc, Lookup& lookup, Findings& findings) {
  auto name = text_at(kc, {"spec", "tdxConfigSpec", "kbsTdxConfigMapName"});
  if (const auto owner = trustee_owner(kc); name.empty() && !owner.empty()) {
    name = TrusteeNames(owner).tdx_config();
  }
  const auto* config_map =
      name.empty() ? nullptr : lookup.find("ConfigMap", namespace_of(kc), name);
  const auto* text = config_map == nullptr ? nullptr : config_entry(*config_map, kTdxKey);
  if (text == nullptr) {
    return {};
  }
  const auto value = json::parse(*text);
  const auto* object = value.ok() ? value->as_object() : nullptr;
  if (object == nullptr) {
    findings.add({Aspect::configuration, Weight::degraded, "TdxConfigMalformed",
                  "ConfigMap " + name + ", " + std::string(kTdxKey) +
                      ": is no JSON object; the configuration's collateral service is used"});
    return {};
  }
  auto url = text_at(*object, {"collateral_service"});
  return url == kDefaultCollateral ? std::string() : url;
}

Result<std::string> with_collateral(std::string text, const std::string& url) {
  if (url.empty()) {
    return text;
  }
  TRY(const auto tree, toml::parse(text, toml::Foreign::plain));
  const auto own = text_at(
      tree, {kCollateralPath[0], kCollateralPath[1], kCollateralPath[2], kCollateralPath[3]});
  if (!own.empty() && own != kDefaultCollateral) {
    return text;
  }
  return set_toml_text(text, kCollateralPath, url);
}

Result<std::string> with_session_key(std::string text) {
  TRY(const auto tree, toml::parse(text, toml::Foreign::plain));
  if (tree.contains(kSessionKeys)) {
    return text;
  }
  return prepend_toml_texts(text, kSessionKeys, std::array{kSessionKeyPath});
}

/// Whether the KBS would start with it. With the services apart its image is another one, which may
/// have back ends that this build lacks.
Result<void> check_loads(std::string_view text, bool microservices) {
  const auto tree = config::parse_document(text, config::Format::toml);
  if (!tree.ok()) {
    return Error(Errc::toml_malformed, tree.error().detail());
  }
  const auto loaded = config::load_kbs(*tree);
  if (!loaded.ok()) {
    return Error(Errc::configuration_invalid, loaded.error().detail());
  }
  const auto missing = config::not_supported_yet(loaded->config);
  if (!microservices && !missing.empty()) {
    return Error(Errc::configuration_invalid, "KBS does not have " + missing.front());
  }
  return {};
}

}  // namespace

Result<std::string> effective_toml(const json::Object& config_map, const json::Object& kc,
                                   Lookup& lookup, Findings& findings) {
  const auto* text = config_entry(config_map, kTomlKey);
  if (text == nullptr) {
    return Error(Errc::config_map_key_missing, "it has no key kbs-config.toml");
  }
  TRY(auto migrated, migrate_toml(*text));
  TRY(auto effective,
      with_collateral(std::move(migrated.text), collateral_service(kc, lookup, findings)));
  TRY(effective, with_session_key(std::move(effective)));
  const bool microservices =
      text_at(kc, {"spec", "kbsDeploymentType"}) == "MicroservicesDeployment";
  TRY_VOID(check_loads(effective, microservices));
  return effective;
}

}  // namespace trustee::operators::internal
