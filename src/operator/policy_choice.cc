#include "operator/policy_choice.h"

#include "appraise/policy.h"
#include "operator/effective_config.h"
#include "operator/generated_text.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/templates.h"

namespace trustee::operators {
namespace {

bool is_default(const json::Object& config_map) {
  const auto* text = config_entry(config_map, kCpuPolicyKey);
  return text != nullptr &&
         (*text == policy_templates().attestation_cpu || is_unedited(config_map, kCpuPolicyKey));
}

/// Whether this release can evaluate it: those before v0.18.0 defined no `trust_claims`.
bool compiles(const std::string& text) {
  return appraise::Policy::compile("default_cpu", text).ok();
}

}  // namespace

std::string choose_cpu_policy(const json::Object& kc, Lookup& lookup, Findings& findings) {
  auto named = text_at(kc, {"spec", "kbsAttestationPolicyConfigMapName"});
  const TrusteeNames names(trustee_owner(kc));
  if (named != names.cpu_policy()) {
    return named;
  }
  const auto ns = namespace_of(kc);
  const auto* current = lookup.find("ConfigMap", ns, named);
  const auto* old = lookup.find("ConfigMap", ns, names.old_cpu_policy());
  const auto* old_text = old == nullptr ? nullptr : config_entry(*old, kCpuPolicyKey);
  if (current == nullptr || old_text == nullptr || is_default(*old)) {
    return named;
  }
  if (is_default(*current) && compiles(*old_text)) {
    return names.old_cpu_policy();
  }
  if (is_default(*current)) {
    findings.add({Aspect::configuration, Weight::note, "PolicyOutdated",
                  "ConfigMap " + names.old_cpu_policy() +
                      " holds a policy that this release cannot evaluate; " + named +
                      " is in force, so bring your edits there and delete the other"});
    return named;
  }
  const auto* text = config_entry(*current, kCpuPolicyKey);
  if (text == nullptr || *text != *old_text) {
    findings.add({Aspect::configuration, Weight::note, "PolicyAmbiguous",
                  "ConfigMaps " + named + " and " + names.old_cpu_policy() +
                      " hold different edited policies; " + named +
                      " is in force, so move your edits there and delete the other"});
  }
  return named;
}

}  // namespace trustee::operators
