#include "store/local_fs.h"

#include "tests/support/kv_contract.h"

namespace trustee {
namespace {

KvSubject local_fs() {
  return {.name = "local_fs", .open = [](const std::string& dir) {
            return store::create_local_fs({.dir_path = dir + "/fs", .before_step = {}});
          }};
}
INSTANTIATE_TEST_SUITE_P(LocalFs, KvContract, ::testing::Values(local_fs()), kv_subject_name);

}  // namespace
}  // namespace trustee
