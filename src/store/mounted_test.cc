// Directories that Kubernetes fills: nested entries, volumes that switch.

#include "store/mounted_testbed.h"

#include <sys/stat.h>

#include "store/internal/nested.h"

namespace trustee {
namespace {

TEST(Nested, paths_are_those_of_keys_that_stay_below_the_directory) {
  using store::nested_path;
  EXPECT_EQ(nested_path("/d", "default/secret/key"), "/d/default/secret/key");
  EXPECT_EQ(nested_path("/d", "a/.b"), "/d/a/.b");
  for (const char* key : {"flat", "", "a/", "/a", "a//b", "a/./b", "a/../b", "../a", "a/..data",
                          "a/..2026_11/key", "a/...", ".trustee~new/a"}) {
    EXPECT_EQ(nested_path("/d", key), std::nullopt) << key;
  }
  EXPECT_TRUE(nested_path("/d", "1/2/3/4/5/6/7/8/9").has_value());
  EXPECT_FALSE(nested_path("/d", "1/2/3/4/5/6/7/8/9/10").has_value());
}

TEST(Mounted, entries_of_a_secret_are_read_live_and_its_versions_are_none) {
  const TempDir dir;
  const auto space = open_fs(dir.path(), "repository");
  EXPECT_EQ(text_of(space->get("default/app/key")), "absent");
  KubeletVolume secret(dir / "repository/default/app");
  secret.write({{"key", "one"}, {"other", ""}});
  EXPECT_EQ(text_of(space->get("default/app/key")), "value one");
  EXPECT_EQ(text_of(space->get("default/app/other")), "value ");
  EXPECT_EQ(sorted(space->list()), (Keys{"default/app/key", "default/app/other"}));
  const auto before = space->version().value();
  EXPECT_EQ(space->version().value(), before);
  secret.write({{"key", "two"}});
  EXPECT_GT(space->version().value(), before);
  EXPECT_EQ(text_of(space->get("default/app/key")), "value two");
  EXPECT_EQ(text_of(space->get("default/app/other")), "absent");
  for (const char* none : {"default/app/..data/key", "default/app", "default", "default/app/key/x",
                           "default/../default/app/key"}) {
    EXPECT_EQ(text_of(space->get(none)), "absent") << none;
  }
}

TEST(Mounted, a_file_of_ours_comes_before_the_nested_one_and_removing_removes_both) {
  const TempDir dir;
  const auto space = open_fs(dir.path(), "repository");
  write_file(dir / "repository/a/b/c", "nested");
  EXPECT_EQ(space->put("a/b/c", as_bytes("no"), Overwrite::no).value(), kv::Put::already_exists);
  EXPECT_TRUE(space->compare_and_swap("a/b/c", as_bytes("nested"), as_bytes("ours")).value());
  EXPECT_EQ(text_of(space->get("a/b/c")), "value ours");
  EXPECT_EQ(sorted(space->list()), Keys{"a/b/c"});
  EXPECT_EQ(space->entries().value(), (std::vector<kv::Entry>{{"a/b/c", {'o', 'u', 'r', 's'}}}));
  EXPECT_EQ(text_of(space->remove("a/b/c")), "value ours");
  EXPECT_EQ(text_of(space->get("a/b/c")), "absent");
  EXPECT_TRUE(std::filesystem::is_empty(dir / "repository/a/b"));
  EXPECT_EQ(space->put("a/b", as_bytes("of a directory's name"), Overwrite::no).value(),
            kv::Put::inserted);
}

TEST(Mounted, a_namespace_with_directories_of_others_is_not_replaced_as_a_whole) {
  const TempDir dir;
  const auto space = open_fs(dir.path(), "repository");
  write_file(dir / "repository/a/b/c", "nested");
  EXPECT_TRUE(space->replace_all({}).error().is(kv::Errc::not_writable));
  EXPECT_EQ(text_of(space->get("a/b/c")), "value nested");
}

TEST(Mounted, what_leads_nowhere_is_passed_over_and_too_much_is_an_error) {
  const TempDir dir;
  const auto space = open_fs(dir.path(), "repository");
  write_file(dir / "repository/a/b", "x");
  std::filesystem::create_symlink("nowhere", dir / "repository/a/dangling");
  std::filesystem::create_directory_symlink("..", dir / "repository/a/loop");
  EXPECT_EQ(text_of(space->get("a/dangling")), "absent");
  EXPECT_FALSE(space->list().value().empty());
  for (std::size_t i = 0; i <= store::kMaxNestedDirectories; ++i) {
    std::filesystem::create_directory(dir / ("repository/d" + std::to_string(i)));
  }
  EXPECT_TRUE(space->list().error().is(kv::Errc::too_large));
  EXPECT_EQ(text_of(space->get("a/b")), "value x");
}

TEST(Mounted, a_policy_that_kubelet_switches_counts_as_a_change) {
  const TempDir dir;
  KubeletVolume volume(dir / "kbs");
  volume.write({{"resource-policy.rego", "one"}});
  const auto space = open_fs(dir.path(), "kbs");
  const auto before = space->version().value();
  EXPECT_EQ(space->put("resource-policy.rego", as_bytes("x"), Overwrite::no).value(),
            kv::Put::already_exists);
  volume.write({{"resource-policy.rego", "two"}});
  EXPECT_GT(space->version().value(), before);
  EXPECT_EQ(text_of(space->get("resource-policy.rego")), "value two");
  EXPECT_EQ(sorted(space->list()), Keys{"resource-policy.rego"});
}

TEST(OldDirectory, keeps_its_permissions) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "policies");
  ::chmod((dir / "policies").c_str(), 0755);
  const auto space = store::open_local_fs_directory(dir / "policies").value();
  EXPECT_EQ(std::filesystem::status(dir / "policies").permissions(), std::filesystem::perms(0755));
  write_file(dir / "policies/default_cpu.rego", "p");
  EXPECT_EQ(text_of(space->get("default_cpu.rego")), "value p");
  EXPECT_TRUE(store::open_local_fs_directory("").error().is(kv::Errc::configuration));
}

}  // namespace
}  // namespace trustee
