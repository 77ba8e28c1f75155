#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/types.h"
#include "kv/store.h"
#include "serve/services.h"
#include "store/atomic_file.h"

namespace trustee::apps {

/// The stores a configuration asks for, one per kind, opened when first needed, and the namespaces
/// of the KBS in them (kbs.md 11.1: sessions, attestation policies and reference values may lie in
/// another kind of store than the rest).
class Stores {
 public:
  /// `notice`: for the log of a server; without one, what cannot be read in part is an error.
  explicit Stores(const config::Kbs& config, store::Notice notice = {})
      : config_(config), notice_(std::move(notice)) {}

  /// Errors: those of the stores.
  Result<serve::Namespaces> open();
  /// The store of the unified configuration. Errors: as open.
  Result<std::shared_ptr<kv::Store>> main() { return of(config_.storage.type); }
  std::string_view kind();

 private:
  Result<std::shared_ptr<kv::Store>> of(config::StorageType type);
  Result<std::shared_ptr<kv::Namespace>> in(config::StorageType type, std::string_view name);

  Result<std::shared_ptr<kv::Namespace>> policies();
  /// Where an old file has the attestation policies, if it has them anywhere.
  Result<std::optional<std::string>> attestation_policy_directory() const;
  /// With the array of reference values that may lie beside, or where an old file names one.
  Result<std::shared_ptr<kv::Namespace>> references(config::StorageType type);

  const config::Kbs& config_;
  const store::Notice notice_;
  std::map<config::StorageType, std::shared_ptr<kv::Store>> stores_;
};

}  // namespace trustee::apps
