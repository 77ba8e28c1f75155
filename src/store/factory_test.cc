#include "store/factory.h"

#include <gtest/gtest.h>

#include "tests/support/case.h"
#include "tests/support/temp_dir.h"

namespace trustee {
namespace {

store::StoreConfig config_of(store::StoreKind kind) {
  return {.kind = kind, .dir_path = {}, .file_dir_path = {}, .sqlite_path = {}};
}

TEST(Factory, opens_the_kind_that_is_named) {
  const TempDir dir;
  store::StoreConfig config{.kind = store::StoreKind::memory,
                            .dir_path = dir / "fs",
                            .file_dir_path = dir / "json",
                            .sqlite_path = dir / "s.sqlite"};
  EXPECT_EQ(store::create(config).value()->kind(), "memory");
  config.kind = store::StoreKind::local_fs;
  EXPECT_EQ(store::create(config).value()->kind(), "local_fs");
  config.kind = store::StoreKind::local_json;
  EXPECT_EQ(store::create(config).value()->kind(), "local_json");
  config.kind = store::StoreKind::sqlite;
  EXPECT_EQ(store::create(config).value()->kind(), "sqlite");
}

TEST(Factory, a_kind_without_its_place_is_refused_with_upstreams_words) {
  const auto fs = store::create(config_of(store::StoreKind::local_fs));
  ASSERT_FALSE(fs.ok());
  EXPECT_TRUE(fs.error().is(kv::Errc::configuration));
  EXPECT_EQ(fs.error().detail(), "invalid configuration: LocalFs configuration is required");
  const auto json = store::create(config_of(store::StoreKind::local_json));
  ASSERT_FALSE(json.ok());
  EXPECT_EQ(json.error().detail(), "invalid configuration: LocalJson configuration is required");
  EXPECT_TRUE(
      store::create(config_of(store::StoreKind::sqlite)).error().is(kv::Errc::configuration));
}

TEST(Factory, kinds_that_are_not_built_are_refused_not_replaced) {
  EXPECT_TRUE(
      store::create(config_of(store::StoreKind::postgres)).error().is(kv::Errc::configuration));
  EXPECT_TRUE(
      store::create(config_of(store::StoreKind::redis)).error().is(kv::Errc::configuration));
}

TEST(Factory, a_colon_in_a_policy_id_is_refused_by_files_and_taken_by_memory) {
  CASE("AS-90");
  const TempDir dir;
  store::StoreConfig config{.kind = store::StoreKind::local_fs,
                            .dir_path = dir / "fs",
                            .file_dir_path = {},
                            .sqlite_path = {}};
  const auto put = [&] {
    return store::create(config)
        .value()
        ->open("attestation_service_policy")
        .value()
        ->put("a:b", as_bytes("package policy"), kv::Overwrite::yes);
  };
  const auto refused = put();
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(kv::Errc::invalid_key));
  EXPECT_NE(refused.error().to_string().find("key contains invalid characters"), std::string::npos);
  config.kind = store::StoreKind::memory;
  EXPECT_TRUE(put().ok());
}

}  // namespace
}  // namespace trustee
