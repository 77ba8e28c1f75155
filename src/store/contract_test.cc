#include "store/local_fs.h"
#include "store/local_json.h"
#include "store/sqlite.h"
#include "tests/support/kv_contract.h"

namespace trustee {
namespace {

KvSubject local_fs() {
  return {.name = "local_fs", .open = [](const std::string& dir) {
            return store::create_local_fs({.dir_path = dir + "/fs", .before_step = {}});
          }};
}

KvSubject local_json() {
  return {
      .name = "local_json",
      .open =
          [](const std::string& dir) {
            return store::create_local_json({.file_dir_path = dir + "/json", .before_step = {}});
          },
      .any_key = true};
}

KvSubject sqlite() {
  return {.name = "sqlite", .open = [](const std::string& dir) {
            return store::create_sqlite({.path = dir + "/store.sqlite", .vfs = {}});
          }};
}

INSTANTIATE_TEST_SUITE_P(Stores, KvContract, ::testing::Values(local_fs(), local_json(), sqlite()),
                         kv_subject_name);

}  // namespace
}  // namespace trustee
