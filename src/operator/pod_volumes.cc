#include "operator/pod_volumes.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "operator/bodies.h"
#include "operator/internal/mount_path.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kCertCacheDir =
    "/opt/confidential-containers/attestation-service/kds-store/vcek";
constexpr std::string_view kDefaultSize = "64Mi";

/// RFC 1123 subdomain, as names of Secrets are.
bool is_object_name(std::string_view name) {
  if (name.empty() || name.size() > 253) {
    return false;
  }
  bool edge = true;  // the next character begins a label
  char last = '.';
  for (const char c : name) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!alphanumeric && (edge || (c != '-' && c != '.') || (c == '.' && last == '-'))) {
      return false;
    }
    edge = c == '.';
    last = c;
  }
  return last != '-' && last != '.';
}

class Volumes {
 public:
  Volumes(const json::Object& kc, bool microservices, Lookup& lookup, Findings& findings)
      : kc_(kc),
        lookup_(lookup),
        findings_(findings),
        ns_(namespace_of(kc)),
        effective_(effective_name(name_of(kc))),
        kbs_(made_.kbs),
        as_(microservices ? made_.as : made_.kbs),
        rvps_(microservices ? made_.rvps : made_.kbs) {}

  PodVolumes run(bool microservices) && {
    const std::string root(kStorageRoot);
    effective("kbs-config", {kTomlKey}, "/etc/kbs-config", kbs_, false);
    storage(root);
    if (microservices) {
      scratch("as-storage-dir", root, as_);
      scratch("rvps-storage-dir", root, rvps_);
    }
    if (named("kbsAttestationPolicyConfigMapName") ||
        named("kbsGpuAttestationPolicyConfigMapName")) {
      effective("attestation-policy", {kCpuPolicyKey, kGpuPolicyKey},
                root + "/attestation_service_policy", as_, true);
    }
    if (named("kbsResourcePolicyConfigMapName")) {
      effective("resource-policy", {kResourcePolicyKey}, root + "/kbs", kbs_, true);
    }
    if (named("kbsRvpsRefValuesConfigMapName")) {
      effective("reference-values", {kReferenceValuesKey}, root + "/local_json", rvps_, true);
    }
    ibm_store();
    auth();
    required("session-keys", session_keys_name(name_of(kc_)), "/etc/session-keys", kbs_, false);
    tls_pairs(microservices);
    cert_cache();
    resources(root + "/repository/default/");
    if (microservices) {
      config("as-config", "kbsAsConfigMapName", "as-config.json", "/etc/as-config", as_);
      config("rvps-config", "kbsRvpsConfigMapName", "rvps-config.json", "/etc/rvps-config", rvps_);
    }
    return std::move(made_);
  }

 private:
  std::string named_text(std::string_view field) const { return text_at(kc_, {"spec", field}); }
  bool named(std::string_view field) const { return !named_text(field).empty(); }

  void add(std::string_view name, std::string_view kind, json::Object source) {
    json::Object volume{{"name", name}};
    volume.set(kind, std::move(source));
    made_.volumes.emplace_back(std::move(volume));
  }
  static void mount(json::Array& container, std::string_view name, std::string_view path,
                    bool read_only = true, std::string_view sub_path = {}) {
    json::Object mounted{{"name", name}, {"mountPath", path}};
    if (read_only) {
      mounted.set("readOnly", true);
    }
    if (!sub_path.empty()) {
      mounted.set("subPath", sub_path);
    }
    container.emplace_back(std::move(mounted));
  }

  void effective(std::string_view name, std::initializer_list<std::string_view> keys,
                 const std::string& path, json::Array& container, bool optional) {
    json::Array items;
    for (const auto key : keys) {
      items.emplace_back(json::Object{{"key", key}, {"path", key}});
    }
    json::Object source{{"name", effective_}, {"items", std::move(items)}};
    if (optional) {
      source.set("optional", true);
    }
    add(name, "configMap", std::move(source));
    mount(container, name, path);
  }

  /// A quantity is a text or a whole number of bytes.
  std::string size_limit() {
    const auto* asked = value_at(kc_, {"spec", "KbsDeploymentSpec", "storage", "sizeLimit"});
    if (asked == nullptr || asked->is_null()) {
      return std::string(kDefaultSize);
    }
    const auto* text = asked->as_string();
    return text == nullptr ? json::write(*asked) : *text;
  }

  void memory(std::string_view name) {
    add(name, "emptyDir", {{"medium", "Memory"}, {"sizeLimit", size_limit()}});
  }
  void scratch(std::string_view name, const std::string& path, json::Array& container) {
    memory(name);
    mount(container, name, path, false);
  }

  /// What the KBS writes: in memory, or on a claim of the user's.
  void storage(const std::string& root) {
    constexpr std::string_view kName = "base-storage-dir";
    if (keeps_on_claim(kc_)) {
      const auto claim = text_at(kc_, {"spec", "KbsDeploymentSpec", "storage", "claimName"});
      add(kName, "persistentVolumeClaim", {{"claimName", claim}});
    } else {
      memory(kName);
    }
    mount(kbs_, kName, root, false);
    // Else the runtime makes the directory, for the mounts below it, and it is root's.
    mount(kbs_, kName, root + "/repository", false, "repository");
  }

  void ibm_store() {
    const auto claim = text_at(kc_, {"spec", "ibmSEConfigSpec", "certStorePvc"});
    if (claim.empty()) {
      return;
    }
    add("ibmse-certstore", "persistentVolumeClaim", {{"claimName", claim}});
    mount(as_, "ibmse-certstore", "/run/confidential-containers/ibmse/");
  }

  void missing(const std::string& kind, const std::string& name, std::string_view volume) {
    const bool secret = kind == "Secret";
    findings_.add(
        {secret ? Aspect::secrets : Aspect::configuration, Weight::blocking,
         secret ? "SecretMissing" : "ConfigMapMissing",
         kind + " " + name + " for volume " + std::string(volume) + " does not exist; create it"});
  }

  void required(std::string_view volume, const std::string& secret, std::string_view path,
                json::Array& container, bool must_exist = true) {
    if (must_exist && lookup_.find("Secret", ns_, secret) == nullptr) {
      missing("Secret", secret, volume);
    }
    add(volume, "secret", {{"secretName", secret}});
    mount(container, volume, path);
  }

  /// Public keys only: the administrator's private key has no business in the pod.
  void auth() {
    const auto name = named_text("kbsAuthSecretName");
    const auto* secret = lookup_.find("Secret", ns_, name);
    if (secret == nullptr) {
      missing("Secret", name, "auth-secret");
      return;
    }
    json::Array items;
    if (const auto* data = object_at(*secret, {"data"}); data != nullptr) {
      for (const auto& member : *data) {
        if (member.name != "privateKey") {
          items.emplace_back(json::Object{{"key", member.name}, {"path", member.name}});
        }
      }
    }
    if (items.empty()) {
      return;
    }
    add("auth-secret", "secret", {{"secretName", name}, {"items", std::move(items)}});
    mount(kbs_, "auth-secret", "/etc/auth-secret");
  }

  void tls_pairs(bool microservices) {
    if (has_pair(kc_, "kbsHttpsKeySecretName", "kbsHttpsCertSecretName")) {
      required("https-key", named_text("kbsHttpsKeySecretName"), "/etc/https-key", kbs_);
      required("https-cert", named_text("kbsHttpsCertSecretName"), "/etc/https-cert", kbs_);
    }
    if (has_pair(kc_, "kbsAttestationKeySecretName", "kbsAttestationCertSecretName")) {
      required("attestation-key", named_text("kbsAttestationKeySecretName"), "/etc/attestation-key",
               as_);
      required("attestation-cert", named_text("kbsAttestationCertSecretName"),
               "/etc/attestation-cert", as_);
      if (microservices) {
        mount(kbs_, "attestation-cert", "/etc/attestation-cert");
      }
    }
  }

  /// Whether a Secret of this name can be mounted; tells when it cannot, or is not there yet.
  bool usable(const std::string& name, std::string_view list) {
    if (!is_object_name(name)) {
      findings_.add({Aspect::secrets, Weight::degraded, "SecretNameInvalid",
                     std::string(list) + ": `" + name + "` cannot be the name of a Secret"});
      return false;
    }
    if (lookup_.find("Secret", ns_, name) == nullptr) {
      findings_.add({Aspect::secrets, Weight::degraded, "ResourceSecretMissing",
                     std::string(list) + ": secret " + name +
                         " does not exist; it is served once it is created"});
    }
    return true;
  }

  void optional_secret(const std::string& volume, const std::string& secret, std::string_view path,
                       json::Array& container) {
    add(volume, "secret", {{"secretName", secret}, {"optional", true}});
    mount(container, volume, path);
  }

  void bad_path(std::string_view reason, const std::string& secret, std::string_view why) {
    findings_.add({Aspect::secrets, Weight::degraded, std::string(reason),
                   "kbsLocalCertCacheSpec: secret " + secret + std::string(why)});
  }

  /// Where a cached Secret is mounted; empty, and told, when it cannot be there.
  std::string cache_path(const std::string& secret, const std::string& asked,
                         const std::vector<std::string>& taken) {
    const auto path =
        internal::normal_mount_path(asked.empty() ? std::string(kCertCacheDir) : asked);
    if (!path.ok()) {
      bad_path("MountPathInvalid", secret,
               ": mountPath `" + asked +
                   "` cannot be mounted at; give an absolute path without `..` and colon");
      return {};
    }
    if (internal::is_reserved(*path)) {
      bad_path("MountPathTaken", secret,
               " is to be mounted at " + *path +
                   ", which would hide other files of the pod; give "
                   "it a mountPath of its own");
      return {};
    }
    if (std::ranges::any_of(taken, [&](const auto& t) { return internal::overlaps(*path, t); })) {
      bad_path("MountPathTaken", secret,
               " is to be mounted at " + *path + " like another; give it a mountPath of its own");
      return {};
    }
    return *path;
  }

  void cert_cache() {
    const auto* entries = array_at(kc_, {"spec", "kbsLocalCertCacheSpec", "secrets"});
    std::vector<std::string> paths;
    for (const auto& value : entries == nullptr ? json::Array() : *entries) {
      const auto* entry = value.as_object();
      if (entry == nullptr) {
        continue;
      }
      const auto secret = text_at(*entry, {"secretName"});
      if (!usable(secret, "kbsLocalCertCacheSpec")) {
        continue;
      }
      const auto path = cache_path(secret, text_at(*entry, {"mountPath"}), paths);
      if (path.empty()) {
        continue;
      }
      paths.push_back(path);
      optional_secret("cache-" + short_hash(secret + "\n" + path, 16), secret, path, as_);
    }
  }

  void resources(const std::string& directory) {
    std::set<std::string> seen;
    for (const auto& secret : texts_at(kc_, {"spec", "kbsSecretResources"})) {
      if (seen.insert(secret).second && usable(secret, "kbsSecretResources")) {
        optional_secret("resource-" + short_hash(secret, 16), secret, directory + secret, kbs_);
      }
    }
  }

  void config(std::string_view volume, std::string_view field, std::string_view key,
              std::string_view path, json::Array& container) {
    const auto name = named_text(field);
    const auto* config_map = lookup_.find("ConfigMap", ns_, name);
    if (config_map == nullptr) {
      missing("ConfigMap", name, volume);
    } else if (config_entry(*config_map, key) == nullptr) {
      findings_.add({Aspect::configuration, Weight::blocking, "ConfigMapKeyMissing",
                     "ConfigMap " + name + " has no key " + std::string(key)});
    }
    add(volume, "configMap", {{"name", name}});
    mount(container, volume, path);
  }

  const json::Object& kc_;
  Lookup& lookup_;
  Findings& findings_;
  std::string ns_;
  std::string effective_;
  PodVolumes made_;
  json::Array& kbs_;
  json::Array& as_;
  json::Array& rvps_;
};

}  // namespace

PodVolumes pod_volumes(const json::Object& kc, bool microservices, Lookup& lookup,
                       Findings& findings) {
  return Volumes(kc, microservices, lookup, findings).run(microservices);
}

bool keeps_on_claim(const json::Object& kc) {
  return text_at(kc, {"spec", "KbsDeploymentSpec", "storage", "type"}) == "PersistentVolumeClaim";
}

bool has_pair(const json::Object& kc, std::string_view key_name, std::string_view cert_name) {
  return !text_at(kc, {"spec", key_name}).empty() && !text_at(kc, {"spec", cert_name}).empty();
}

}  // namespace trustee::operators
