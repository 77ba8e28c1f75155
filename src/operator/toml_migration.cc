#include "operator/toml_migration.h"

#include <utility>

#include "base/try.h"
#include "codec/json.h"
#include "operator/errors.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/toml_write.h"
#include "toml/toml.h"

namespace trustee::operators {
namespace {

/// The table `name` of `parent`, made when missing; null when it is something else.
json::Object* table(json::Object& parent, std::string_view name) {
  if (!parent.contains(name)) {
    parent.set(name, json::Object());
  }
  return parent.find(name)->as_object();
}

json::Object* existing_table(json::Object& parent, std::string_view name) {
  auto* value = parent.find(name);
  return value == nullptr ? nullptr : value->as_object();
}

json::Object keyed_admin(std::string_view role, const std::string& key) {
  const json::Object provider{{"public_key_uri", key}, {"default_role", role}};
  const json::Object acl{{"role", role}, {"allowed_endpoints", "^/kbs/.*$"}};
  return {
      {"authorization_mode", "AuthenticatedAuthorization"},
      {"authentication",
       json::Object{{"bearer_jwt", json::Object{{"identity_providers", json::Array{provider}}}}}},
      {"authorization", json::Object{{"regex_acl", json::Object{{"acls", json::Array{acl}}}}}}};
}

json::Object mode_only(std::string_view mode) { return {{"authorization_mode", mode}}; }

Result<json::Object> typed_admin(const json::Object& admin) {
  const auto type = text_at(admin, {"type"});
  if (type == "DenyAll") {
    return mode_only("DenyAll");
  }
  if (type == "InsecureAllowAll" || type == "AllowAll") {
    return mode_only("InsecureAllowAll");
  }
  const auto* personas = array_at(admin, {"personas"});
  if (type == "Simple" && personas != nullptr && personas->size() == 1 &&
      personas->front().as_object() != nullptr) {
    const auto& persona = *personas->front().as_object();
    return keyed_admin(text_at(persona, {"id"}), text_at(persona, {"public_key_path"}));
  }
  return Error(Errc::configuration_invalid,
               "[admin] type = \"" + type + "\" has no equivalent; write authorization_mode");
}

/// [admin] of the releases before `authorization_mode`; without the table nobody is let in.
Result<void> migrate_admin(json::Object& root) {
  auto* admin = existing_table(root, "admin");
  if (admin == nullptr) {
    root.set("admin", mode_only("DenyAll"));
    return {};
  }
  if (admin->contains("authorization_mode")) {
    return {};
  }
  if (admin->contains("type")) {
    TRY(*admin, typed_admin(*admin));
    return {};
  }
  const auto key = text_at(*admin, {"auth_public_key"});
  if (bool_at(*admin, {"insecure_api"}).value_or(false)) {
    *admin = mode_only("InsecureAllowAll");
  } else {
    *admin = key.empty() ? mode_only("DenyAll") : keyed_admin("admin", key);
  }
  return {};
}

void migrate_token(json::Object& root) {
  auto* token = existing_table(root, "attestation_token");
  if (token == nullptr) {
    return;
  }
  token->remove("attestation_token_type");
  auto insecure = token->remove("insecure_key");
  if (insecure && !token->contains("insecure_header_jwk")) {
    token->set("insecure_header_jwk", std::move(*insecure));
  }
}

void migrate_service(json::Object& root) {
  auto* service = existing_table(root, "attestation_service");
  if (service == nullptr) {
    return;
  }
  for (const std::string_view gone : {"work_dir", "policy_engine", "attestation_token_config"}) {
    service->remove(gone);
  }
  if (auto* broker = existing_table(*service, "attestation_token_broker"); broker != nullptr) {
    broker->remove("type");
    broker->remove("policy_dir");
  }
  auto* rvps = existing_table(*service, "rvps_config");
  if (rvps != nullptr && rvps->remove("storage").has_value()) {
    rvps->set("storage_type", "LocalJson");
  }
}

Result<void> migrate_plugins(json::Object& root) {
  auto* plugins = root.find("plugins");
  auto* array = plugins == nullptr ? nullptr : plugins->as_array();
  if (array == nullptr) {
    return {};
  }
  for (auto& element : *array) {
    auto* plugin = element.as_object();
    if (plugin == nullptr || plugin->contains("storage_backend_type") ||
        !plugin->contains("type")) {
      continue;
    }
    if (text_at(*plugin, {"type"}) != "LocalFs") {
      return Error(Errc::configuration_invalid,
                   "[[plugins]] type = \"" + text_at(*plugin, {"type"}) + "\" has no equivalent");
    }
    plugin->remove("type");
    plugin->remove("dir_path");
    plugin->set("storage_backend_type", "kvstorage");
  }
  return {};
}

/// Everything that used to have a directory of its own lies below one root now.
void migrate_storage(json::Object& root) {
  if (root.contains("storage_backend")) {
    auto* storage = existing_table(root, "storage_backend");
    auto* backends = storage == nullptr ? nullptr : existing_table(*storage, "backends");
    auto* local = backends == nullptr ? nullptr : existing_table(*backends, "local_json");
    if (local != nullptr && !local->contains("file_dir_path") && local->contains("dir_path")) {
      local->set("file_dir_path", std::move(*local->remove("dir_path")));
    }
    return;
  }
  const std::string dir(kStorageRoot);
  auto* storage = table(root, "storage_backend");
  storage->set("storage_type", "LocalFs");
  storage->set("backends",
               json::Object{{"local_fs", json::Object{{"dir_path", dir}}},
                            {"local_json", json::Object{{"file_dir_path", dir + "/local_json"}}}});
}

bool is_old(const json::Object& root) {
  const auto* admin = object_at(root, {"admin"});
  const auto* plugins = array_at(root, {"plugins"});
  bool old_plugin = false;
  if (plugins != nullptr) {
    for (const auto& plugin : *plugins) {
      const auto* entry = plugin.as_object();
      old_plugin = old_plugin || (entry != nullptr && text_at(*entry, {"type"}) == "LocalFs");
    }
  }
  return old_plugin || root.contains("policy_engine") ||
         (admin != nullptr && !admin->contains("authorization_mode")) ||
         value_at(root, {"attestation_token", "insecure_key"}) != nullptr ||
         value_at(root, {"attestation_service", "rvps_config", "storage"}) != nullptr;
}

}  // namespace

Result<MigratedToml> migrate_toml(std::string_view text) {
  auto read = toml::parse(text, toml::Foreign::plain);
  if (!read.ok()) {
    return Error(Errc::toml_malformed, read.error().detail());
  }
  if (!is_old(*read)) {
    return MigratedToml{std::string(text), false, std::move(*read)};
  }
  auto root = std::move(*read);
  root.remove("policy_engine");
  TRY_VOID(migrate_admin(root));
  TRY_VOID(migrate_plugins(root));
  migrate_token(root);
  migrate_service(root);
  migrate_storage(root);
  auto written = write_toml(root);
  return MigratedToml{std::move(written), true, std::move(root)};
}

}  // namespace trustee::operators
