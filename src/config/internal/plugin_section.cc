#include <array>

#include "config/errors.h"
#include "config/internal/sections.h"

namespace trustee::config::internal {
namespace {

constexpr std::array<std::string_view, 12> kNames = {
    "resource",        "sample", "pkcs11", "nebula-ca",      "external",       "provisioner",
    "ResourceStorage", "Sample", "Pkcs11", "NebulaCaPlugin", "ExternalPlugin", "Provisioner"};
constexpr std::array<std::string_view, 10> kBackends = {
    "kvstorage", "Vault", "Aliyun", "Aws", "Gcp", "KvStorage", "vault", "aliyun", "aws", "gcp"};

// Before the unified storage: the backend's `type`, and dir_path, in the plugin's entry.
void translate_old_backend(Section& s, Plugin& plugin, OldPlaces& places, Report& report) {
  static constexpr std::array<std::string_view, 3> kTypes = {"LocalFs", "Vault", "Aliyun"};
  std::size_t type = 0;
  s.choice("type", kTypes, type);
  if (type != 0) {
    plugin.resource_backend = type == 1 ? SecretBackend::vault : SecretBackend::aliyun;
    report.translated(s.full("type"),
                      "storage_backend_type = \"" + std::string(kTypes.at(type)) + "\"");
    return;
  }
  std::string dir = "/opt/confidential-containers/kbs/repository";
  s.text("dir_path", dir);
  places.resources = dir;
  report.moved(s.full("type"), "what lies in " + dir, "repository/",
               "storage_backend_type = \"kvstorage\" there, ");
}

void read_resource(Section& s, Plugin& plugin, OldPlaces& places, Report& report) {
  if (report.old_file && !s.has("storage_backend_type") && s.has("type")) {
    return translate_old_backend(s, plugin, places, report);
  }
  s.require("storage_backend_type");
  std::size_t backend = 0;
  s.choice("storage_backend_type", kBackends, backend);
  plugin.resource_backend = static_cast<SecretBackend>(backend % 5);
}

}  // namespace

void read_plugin(Section s, std::vector<Plugin>& out, OldPlaces& places, Report& report) {
  Plugin plugin;
  s.require("name");
  std::size_t name = 0;
  s.choice("name", kNames, name);
  plugin.kind = static_cast<PluginKind>(name % 6);
  if (plugin.kind == PluginKind::resource) {
    read_resource(s, plugin, places, report);
    if (plugin.resource_backend == SecretBackend::kvstorage) s.finish();
  }
  if (plugin.kind == PluginKind::sample) {
    (void)s.any("item");
    s.finish();
  }
  // The keys of the other kinds are checked where their back end is built.
  out.push_back(plugin);
}

}  // namespace trustee::config::internal
