#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kv/store.h"
#include "store/atomic_file.h"

namespace trustee::store {

/// The kinds of store a configuration can name.
enum class StoreKind : std::uint8_t { memory, local_fs, local_json, sqlite, postgres, redis };

/// Which store, and where. A place is needed for the kind that is chosen only.
struct StoreConfig {
  StoreKind kind = StoreKind::memory;
  std::optional<std::string> dir_path;       ///< LocalFs
  std::optional<std::string> file_dir_path;  ///< LocalJson
  std::optional<std::string> sqlite_path;    ///< SQLite: the file
  Notice notice{};                           ///< LocalFs
};

/// Opens the store a configuration names, creating its directory or file where there is none.
/// Errors  configuration: the place is missing, or the kind is not built (PostgreSQL, Redis);
///         and those of the kind.
Result<std::shared_ptr<kv::Store>> create(const StoreConfig& config);

}  // namespace trustee::store
