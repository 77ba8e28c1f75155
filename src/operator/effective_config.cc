#include "operator/effective_config.h"

#include <array>
#include <utility>

#include "appraise/policy.h"
#include "authz/resource_policy.h"
#include "base/try.h"
#include "operator/errors.h"
#include "operator/internal/effective_toml.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/policy_choice.h"
#include "operator/reference_values.h"
#include "operator/templates.h"

namespace trustee::operators {
namespace {

/// One key of the effective ConfigMap.
struct Entry {
  std::string_view key;
  std::string source;         ///< for messages: the ConfigMap
  std::string_view fallback;  ///< when there was nothing before
};

Result<std::string> checked_resource_policy(const json::Object& config_map) {
  const auto* text = config_entry(config_map, kResourcePolicyKey);
  if (text == nullptr) {
    text = config_entry(config_map, kOldResourcePolicyKey);
  }
  if (text == nullptr) {
    return Error(Errc::config_map_key_missing, "it has no key resource-policy.rego");
  }
  const auto policy = authz::ResourcePolicy::compile(*text);
  if (!policy.ok()) {
    return Error(Errc::policy_invalid, policy.error().detail());
  }
  return *text;
}

Result<std::string> checked_attestation_policy(const json::Object& config_map,
                                               std::string_view key) {
  const auto* text = config_entry(config_map, key);
  if (text == nullptr) {
    return Error(Errc::config_map_key_missing, "it has no key " + std::string(key));
  }
  const auto policy = appraise::Policy::compile(std::string(key.substr(0, key.rfind('.'))), *text);
  if (!policy.ok()) {
    return Error(Errc::policy_invalid, policy.error().detail());
  }
  return *text;
}

class Effective {
 public:
  Effective(const json::Object& kc, Lookup& lookup, Findings& findings)
      : kc_(kc),
        lookup_(lookup),
        findings_(findings),
        ns_(namespace_of(kc)),
        before_(lookup.find("ConfigMap", ns_, effective_name(name_of(kc)))) {}

  EffectiveConfig run() && {
    toml();
    resource_policy();
    cpu_policy();
    gpu_policy();
    reference_values();
    return std::move(made_);
  }

 private:
  Result<const json::Object*> config_map(const std::string& name) {
    const auto* found = lookup_.find("ConfigMap", ns_, name);
    if (found == nullptr) {
      return Error(Errc::config_map_missing, "it does not exist");
    }
    return found;
  }

  void tell(const Entry& entry, const Error& error, Weight weight, std::string_view consequence) {
    const std::string detail =
        error.detail().empty() ? std::string(error.code().text()) : error.detail();
    findings_.add({Aspect::configuration, weight, camel_case(error.code().name()),
                   "ConfigMap " + entry.source + ", " + std::string(entry.key) + ": " + detail +
                       std::string(consequence)});
  }

  /// The text in force under this key: the new one, else the last good one, else the fallback.
  std::string settle(const Entry& entry, Result<std::string> text) {
    if (text.ok()) {
      return std::move(*text);
    }
    const auto* last = before_ == nullptr ? nullptr : config_entry(*before_, entry.key);
    if (last != nullptr) {
      tell(entry, text.error(), Weight::degraded, "; the last good one stays in force");
      return *last;
    }
    if (entry.fallback.empty()) {
      tell(entry, text.error(), Weight::blocking, "; nothing is deployed without it");
    } else {
      tell(entry, text.error(), Weight::degraded, "; nothing is released or recognised without it");
    }
    return std::string(entry.fallback);
  }

  void toml() {
    const Entry entry{kTomlKey, text_at(kc_, {"spec", "kbsConfigMapName"}), ""};
    made_.toml = settle(entry, [&]() -> Result<std::string> {
      TRY(const auto* source, config_map(entry.source));
      return internal::effective_toml(*source, kc_, lookup_, findings_);
    }());
    if (!made_.toml.empty()) {
      made_.data.set(kTomlKey, made_.toml);
    }
  }

  void resource_policy() {
    const auto name = text_at(kc_, {"spec", "kbsResourcePolicyConfigMapName"});
    if (name.empty()) {
      return;
    }
    const Entry entry{kResourcePolicyKey, name, policy_templates().resource_nothing};
    made_.data.set(kResourcePolicyKey, settle(entry, [&]() -> Result<std::string> {
                     TRY(const auto* source, config_map(name));
                     return checked_resource_policy(*source);
                   }()));
  }

  void attestation_policy(std::string_view key, const std::string& name) {
    if (name.empty()) {
      return;
    }
    const Entry entry{key, name, policy_templates().attestation_nothing};
    made_.data.set(key, settle(entry, [&]() -> Result<std::string> {
                     TRY(const auto* source, config_map(name));
                     return checked_attestation_policy(*source, key);
                   }()));
  }

  void cpu_policy() {
    attestation_policy(kCpuPolicyKey, choose_cpu_policy(kc_, lookup_, findings_));
  }

  void gpu_policy() {
    attestation_policy(kGpuPolicyKey,
                       text_at(kc_, {"spec", "kbsGpuAttestationPolicyConfigMapName"}));
  }

  void reference_values() {
    const auto name = text_at(kc_, {"spec", "kbsRvpsRefValuesConfigMapName"});
    if (name.empty()) {
      return;
    }
    const Entry entry{kReferenceValuesKey, name, "{}"};
    made_.data.set(kReferenceValuesKey, settle(entry, [&]() -> Result<std::string> {
                     TRY(const auto* source, config_map(name));
                     return united_values(*source, entry);
                   }()));
  }

  Result<std::string> united_values(const json::Object& source, const Entry& entry) {
    const auto* object = config_entry(source, kReferenceValuesKey);
    const auto* array = config_entry(source, kOldReferenceValuesKey);
    if (object == nullptr && array == nullptr) {
      return Error(Errc::config_map_key_missing, "it has no key reference_value");
    }
    TRY(auto united, unite_reference_values(object, array));
    for (const auto& problem : united.problems) {
      findings_.add({Aspect::configuration, Weight::degraded, "ReferenceValueMalformed",
                     "ConfigMap " + entry.source + ", " + problem});
    }
    return std::move(united.text);
  }

  const json::Object& kc_;
  Lookup& lookup_;
  Findings& findings_;
  std::string ns_;
  const json::Object* before_;
  EffectiveConfig made_;
};

}  // namespace

EffectiveConfig effective_config(const json::Object& kc, Lookup& lookup, Findings& findings) {
  return Effective(kc, lookup, findings).run();
}

std::string trustee_owner(const json::Object& kc) {
  const auto* controller = controller_of(kc);
  const bool trustee = controller != nullptr && text_at(*controller, {"kind"}) == kTrusteeConfig;
  return trustee ? text_at(*controller, {"name"}) : std::string();
}

}  // namespace trustee::operators
