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

// Before the unified storage: type = "LocalFs" and dir_path in the plugin's entry.
bool translate_old_backend(Section& s, Report& report) {
  std::optional<std::string> type;
  s.text("type", type);
  if (!type) return false;
  if (*type != "LocalFs") {
    report.fail(Error(Errc::invalid_value, s.path() + ".type: the old form knows `LocalFs` only"));
    return true;
  }
  std::string dir = "/opt/confidential-containers/kbs/repository";
  s.text("dir_path", dir);
  report.warnings.push_back("`" + s.path() +
                            ".type` is an old form; write storage_backend_type = \"kvstorage\" "
                            "there, and [storage_backend] "
                            "storage_type = \"LocalFs\". Resources under " +
                            dir + " lie in the old nested layout and must be stored again");
  return true;
}

void read_resource(Section& s, Plugin& plugin, Report& report) {
  if (!s.has("storage_backend_type") && translate_old_backend(s, report)) return;
  s.require("storage_backend_type");
  std::size_t backend = 0;
  s.choice("storage_backend_type", kBackends, backend);
  plugin.resource_backend = static_cast<SecretBackend>(backend % 5);
}

}  // namespace

void read_plugin(Section s, std::vector<Plugin>& out, Report& report) {
  Plugin plugin;
  s.require("name");
  std::size_t name = 0;
  s.choice("name", kNames, name);
  plugin.kind = static_cast<PluginKind>(name % 6);
  if (plugin.kind == PluginKind::resource) {
    read_resource(s, plugin, report);
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
