#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "operator/tls_settings.h"
#include "operator/toml_edit.h"
#include "operator/toml_migration.h"
#include "toml/toml.h"

namespace {

using namespace trustee;

/// The tree of a text with the TLS keys of its server taken out.
json::Value rest_of(std::string_view text) {
  auto tree = toml::parse(text, toml::Foreign::serde);
  TRUSTEE_CHECK(tree.ok());
  auto* server = tree->find("http_server");
  if (server != nullptr && server->as_object() != nullptr) {
    for (const auto* key :
         {"tls_profile", "tls_min_version", "tls_max_version", "tls_ciphers", "tls_groups"}) {
      server->as_object()->remove(key);
    }
  }
  return std::move(*tree);
}

}  // namespace

// A merge changes the TLS settings and nothing else, and twice is once. What is migrated reads.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  const operators::TlsSettings wanted{"modern",
                                      {{"tls_profile", "modern"}, {"tls_groups", "x25519"}}};
  const auto merged = operators::merge_tls(text, wanted);
  if (merged.ok()) {
    TRUSTEE_CHECK(rest_of(*merged) == rest_of(text));
    const auto again = operators::merge_tls(*merged, wanted);
    TRUSTEE_CHECK(again.ok() && *again == *merged);
  }
  const auto migrated = operators::migrate_toml(text);
  if (migrated.ok()) {
    TRUSTEE_CHECK(toml::parse(migrated->text, toml::Foreign::serde).ok());
  }
  return 0;
}
