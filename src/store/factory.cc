#include "store/factory.h"

#include "base/check.h"
#include "kv/memory.h"
#include "store/local_fs.h"
#include "store/local_json.h"
#include "store/sqlite.h"

namespace trustee::store {
namespace {

Error required(std::string_view kind) {
  return Error(kv::Errc::configuration,
               "invalid configuration: " + std::string(kind) + " configuration is required");
}

Error not_built(std::string_view kind) {
  return Error(kv::Errc::configuration, std::string(kind) + " is not supported by this build");
}

}  // namespace

Result<std::shared_ptr<kv::Store>> create(const StoreConfig& config) {
  switch (config.kind) {
    case StoreKind::memory:
      return kv::create_memory_store();
    case StoreKind::local_fs:
      if (!config.dir_path) return required("LocalFs");
      return create_local_fs(
          {.dir_path = *config.dir_path, .before_step = {}, .notice = config.notice});
    case StoreKind::local_json:
      if (!config.file_dir_path) return required("LocalJson");
      return create_local_json({.file_dir_path = *config.file_dir_path, .before_step = {}});
    case StoreKind::sqlite:
      if (!config.sqlite_path) return required("SQLite");
      return create_sqlite({.path = *config.sqlite_path, .vfs = {}});
    case StoreKind::postgres:
      return not_built("PostgreSQL");
    case StoreKind::redis:
      return not_built("Redis");
  }
  TRUSTEE_CHECK(false);
}

}  // namespace trustee::store
