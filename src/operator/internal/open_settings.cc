#include "operator/internal/open_settings.h"

#include <string>
#include <string_view>
#include <utility>

#include "operator/generated_text.h"
#include "operator/kbs_toml.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/templates.h"

namespace trustee::operators::internal {
namespace {

constexpr std::string_view kReason = "InsecureSetting";

/// Whether `text` is `shipped` with other values in the place of its texts in angle brackets.
bool is_filled_in(std::string_view text, std::string_view shipped) {
  for (auto open = shipped.find("\"<"); open != std::string_view::npos;
       open = shipped.find("\"<")) {
    const auto literal = shipped.substr(0, open + 1);
    if (!text.starts_with(literal)) {
      return false;
    }
    text.remove_prefix(literal.size());
    const auto end = text.find_first_of("\"\\\n");
    if (end == std::string_view::npos || text[end] != '"') {
      return false;
    }
    text.remove_prefix(end);
    shipped.remove_prefix(shipped.find(">\"", open) + 1);
  }
  return text == shipped;
}

Problem note(std::string_view reason, std::string message) {
  return {Aspect::configuration, Weight::note, std::string(reason), std::move(message)};
}

}  // namespace

std::optional<Problem> open_configuration(const json::Object& config_map) {
  const auto* text = config_entry(config_map, kTomlKey);
  if (text == nullptr || is_unedited(config_map, kTomlKey)) {
    return std::nullopt;
  }
  const std::string name = "ConfigMap " + name_of(config_map);
  const auto open = insecure_settings(*text);
  if (!open.ok()) {
    return note("SettingsNotChecked",
                name + " could not be checked for insecure settings: " + open.error().detail());
  }
  if (open->empty()) {
    return std::nullopt;
  }
  return note(kReason, name + " sets " + *open +
                           " although the profile is Restricted; edit it, or delete it to have it "
                           "generated again");
}

std::optional<Problem> open_resource_policy(const json::Object& config_map) {
  auto key = kResourcePolicyKey;
  const auto* text = config_entry(config_map, key);
  if (text == nullptr) {
    key = kOldResourcePolicyKey;
    text = config_entry(config_map, key);
  } else if (is_unedited(config_map, key)) {
    return std::nullopt;
  }
  const auto& shipped = policy_templates();
  if (text == nullptr || *text == shipped.resource_restrictive ||
      is_filled_in(*text, shipped.resource_ibm)) {
    return std::nullopt;
  }
  return note(kReason,
              "ConfigMap " + name_of(config_map) + ", " + std::string(key) +
                  ": this resource policy is not the one that profile Restricted generates; see "
                  "to whom it releases, or delete the ConfigMap to have it generated again");
}

}  // namespace trustee::operators::internal
