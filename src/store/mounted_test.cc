// Directories that Kubernetes fills: nested entries, volumes that switch, places nobody may write.

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "store/internal/change_watch.h"
#include "store/internal/nested.h"
#include "store/local_fs.h"
#include "store/local_json.h"
#include "store/reference_array.h"
#include "store/single_file.h"
#include "tests/support/file_bytes.h"
#include "tests/support/kubelet_volume.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

namespace trustee {
namespace {

using kv::Overwrite;
using kv_contract::text_of;
using Keys = std::vector<std::string>;

std::shared_ptr<kv::Namespace> open_fs(const std::string& dir, std::string_view name) {
  return store::create_local_fs({.dir_path = dir, .before_step = {}}).value()->open(name).value();
}
std::shared_ptr<kv::Namespace> open_json(const std::string& dir, std::string_view name) {
  return store::create_local_json({.file_dir_path = dir, .before_step = {}})
      .value()
      ->open(name)
      .value();
}
void write_file(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}
Keys sorted(Result<Keys> keys) {
  Keys out = std::move(keys).value();
  std::sort(out.begin(), out.end());
  return out;
}

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

/// Runs `check` as somebody who may read, and write nowhere.
bool holds_for_a_stranger(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool other = ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0;
    ::_exit(other && check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(Mounted, what_nobody_can_write_is_read_and_writes_say_so) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  const TempDir dir;
  ::chmod(dir.path().c_str(), 0755);
  KubeletVolume policy(dir / "kbs");
  policy.write({{"resource-policy.rego", "p"}});
  KubeletVolume secret(dir / "repository/default/app");
  secret.write({{"key", "k"}});
  KubeletVolume values(dir / "local_json");
  values.write({{"reference-values.json", "[]"}});
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto kbs = open_fs(dir.path(), "kbs");
    const auto repository = open_fs(dir.path(), "repository");
    return text_of(kbs->get("resource-policy.rego")) == "value p" &&
           kbs->put("new", {}, Overwrite::no).error().is(kv::Errc::not_writable) &&
           text_of(repository->get("default/app/key")) == "value k" &&
           repository->put("a/b/c", {}, Overwrite::yes).error().is(kv::Errc::not_writable) &&
           repository->remove("default/app/key").error().is(kv::Errc::not_writable) &&
           text_of(repository->get("default/app/key")) == "value k";
  }));
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = open_json(dir / "local_json", "reference_value");
    return space->list().value().empty() && text_of(space->get("svn")) == "absent" &&
           space->put("svn", {}, Overwrite::yes).error().is(kv::Errc::not_writable);
  }));
}

TEST(Mounted, a_directory_that_cannot_be_read_is_told_and_the_others_are_served) {
  if (::geteuid() != 0) GTEST_SKIP() << "root reads everything";
  const TempDir dir;
  ::chmod(dir.path().c_str(), 0755);
  write_file(dir / "repository/open/app/key", "k");
  write_file(dir / "repository/closed/app/key", "k");
  write_file(dir / "repository/listed/app/key", "k");
  ::chmod((dir / "repository").c_str(), 0777);
  ::chmod((dir / "repository/closed").c_str(), 0000);
  ::chmod((dir / "repository/listed").c_str(), 0744);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    std::vector<std::string> told;
    const auto space = store::open_local_fs_directory(dir / "repository", [&](const auto& notice) {
                         told.push_back(notice);
                       }).value();
    const bool served = sorted(space->list()) == Keys{"open/app/key"} &&
                        space->entries().value().size() == 1 && space->version().ok() &&
                        text_of(space->get("open/app/key")) == "value k" &&
                        space->get("closed/app/key").error().is(kv::Errc::io);
    std::sort(told.begin(), told.end());
    const std::string about = "what lies there is not served: " + (dir / "repository");
    return served &&
           told == std::vector<std::string>{about + "/closed: Permission denied",
                                            about + "/listed: Permission denied"} &&
           space->replace_all({}).error().is(kv::Errc::not_writable);
  }));
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = store::open_local_fs_directory(dir / "repository").value();
    return space->entries().error().is(kv::Errc::io);
  })) << "a backup is whole or none";
}

TEST(Mounted, a_directory_that_becomes_unreadable_is_a_change) {
  if (::geteuid() != 0) GTEST_SKIP() << "root reads everything";
  const TempDir dir;
  ::chmod(dir.path().c_str(), 0755);
  write_file(dir / "repository/open/key", "k");
  ::chmod((dir / "repository").c_str(), 0777);
  ::chown((dir / "repository/open").c_str(), 65534, 65534);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space =
        store::open_local_fs_directory(dir / "repository", [](const auto&) {}).value();
    const auto before = space->version().value();
    ::chmod((dir / "repository/open").c_str(), 0000);
    const auto after = space->version();
    return after.ok() && *after > before && space->list().value().empty();
  }));
}

TEST(Mounted, where_it_cannot_be_told_whether_a_key_is_there_it_is_not_written) {
  if (::geteuid() != 0) GTEST_SKIP() << "root reads everything";
  const TempDir dir;
  ::chmod(dir.path().c_str(), 0755);
  write_file(dir / "repository/closed/app/key", "k");
  ::chmod((dir / "repository").c_str(), 0777);
  ::chmod((dir / "repository/closed").c_str(), 0000);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = store::open_local_fs_directory(dir / "repository").value();
    return space->put("closed/app/key", {}, Overwrite::no).error().is(kv::Errc::io) &&
           space->put("open/app/key", {}, Overwrite::no).ok();
  }));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir / "repository"), {}), 2);
}

TEST(Stamp, below_a_file_nothing_lies) {
  const TempDir dir;
  write_file(dir / "file", "x");
  EXPECT_EQ(store::stamp_at(AT_FDCWD, dir / "file/policy.rego").value(), std::nullopt);
  const auto space = store::open_single_file(dir / "file/policy.rego", "key").value();
  EXPECT_EQ(text_of(space->get("key")), "absent");
  EXPECT_TRUE(space->version().ok());
}

TEST(ChangeWatch, what_changes_between_listing_and_looking_is_noticed) {
  const TempDir dir;
  write_file(dir / "ns/default/a", "1");
  bool added = false;
  store::ChangeWatch watch(dir / "ns", [&] {
    if (!added) write_file(dir / "ns/default/b", "1");
    added = true;
  });
  const auto first = watch.count().value();
  const auto second = watch.count().value();
  EXPECT_GT(second, first) << "the directory had another file";
  EXPECT_EQ(watch.count().value(), second);
  write_file(dir / "ns/default/b", "22");  // in place: the directory stays as it is
  EXPECT_GT(watch.count().value(), second);
}

TEST(ReadSettled, what_is_written_while_it_is_read_is_read_again) {
  const TempDir dir;
  write_file(dir / "f", "half");
  int reads = 0;
  const auto file = store::read_settled(dir / "f", 100, [&] {
    if (++reads == 1) write_file(dir / "f", "the whole");
  });
  EXPECT_EQ(as_text(*file->content), "the whole");
  EXPECT_EQ(file->stamp, store::stamp_at(AT_FDCWD, dir / "f").value());
  EXPECT_EQ(reads, 2);
  std::filesystem::remove(dir / "f");
  EXPECT_EQ(store::read_settled(dir / "f", 100)->content, std::nullopt);
}

/// Reference values as the operator mounts them.
class ReferenceArray : public ::testing::Test {
 protected:
  ReferenceArray() {
    volume_.write({{"reference_value", "{}"}});
    inner_ = open_json(volume_.path(), "reference_value");
    space_ = store::with_reference_array(inner_, volume_ / "reference-values.json");
  }
  void put_inner(std::string_view key, std::string_view text) {
    ASSERT_TRUE(inner_->put(key, as_bytes(text), Overwrite::yes).ok());
  }
  TempDir dir_;
  KubeletVolume volume_{dir_ / "local_json"};
  std::shared_ptr<kv::Namespace> inner_;
  std::shared_ptr<kv::Namespace> space_;
};

TEST_F(ReferenceArray, is_joined_by_name_and_wins) {
  put_inner("a", "inner a");
  put_inner("b", "inner b");
  write_file(volume_ / "reference-values.json", R"([{"name":"b","value":1.50},{"name":"c"}])");
  EXPECT_EQ(text_of(space_->get("a")), "value inner a");
  EXPECT_EQ(text_of(space_->get("b")), R"(value {"name":"b","value":1.50})");
  EXPECT_EQ(text_of(space_->get("c")), R"(value {"name":"c"})");
  EXPECT_EQ(text_of(space_->get("d")), "absent");
  EXPECT_EQ(sorted(space_->list()), (Keys{"a", "b", "c"}));
  EXPECT_EQ(space_->entries().value().size(), 3U);
}

TEST_F(ReferenceArray, that_is_missing_or_empty_adds_nothing) {
  put_inner("a", "inner");
  EXPECT_EQ(sorted(space_->list()), Keys{"a"});
  for (const char* text : {"[]", "[\n]\n", "{}"}) {
    write_file(volume_ / "reference-values.json", text);
    EXPECT_EQ(sorted(space_->list()), Keys{"a"}) << text;
  }
}

TEST_F(ReferenceArray, keeps_what_is_malformed_apart_from_the_rest) {
  write_file(volume_ / "reference-values.json", R"([{"name":"good","value":1},7,{"value":2}])");
  EXPECT_EQ(sorted(space_->list()),
            (Keys{"good", "reference-values.json[1]", "reference-values.json[2]"}));
  write_file(volume_ / "reference-values.json", R"({"x":"eA==","y":"no base64!","z":{"value":1}})");
  EXPECT_EQ(text_of(space_->get("x")), "value x") << "the later form";
  EXPECT_EQ(text_of(space_->get("y")), R"(value "no base64!")");
  EXPECT_EQ(text_of(space_->get("z")), R"(value {"value":1})");
  for (const char* text : {"", "[", "7", "<html>"}) {
    write_file(volume_ / "reference-values.json", text);
    EXPECT_EQ(sorted(space_->list()), Keys{"reference-values.json"}) << text;
  }
}

TEST_F(ReferenceArray, is_read_again_when_kubelet_switches_and_counted) {
  const auto first = space_->version().value();
  EXPECT_EQ(space_->version().value(), first);
  volume_.write({{"reference_value", "{}"}, {"reference-values.json", R"([{"name":"a"}])"}});
  const auto second = space_->version().value();
  EXPECT_GT(second, first);
  EXPECT_EQ(sorted(space_->list()), Keys{"a"});
  volume_.write({{"reference_value", R"({"b":"Yg=="})"}, {"reference-values.json", "[]"}});
  EXPECT_GT(space_->version().value(), second);
  EXPECT_EQ(sorted(space_->list()), Keys{"b"});
}

TEST_F(ReferenceArray, refuses_writes_that_would_not_count_and_lets_others_pass) {
  write_file(volume_ / "reference-values.json", R"([{"name":"a"}])");
  const std::vector<kv::Entry> both{{"a", {'1'}}, {"b", {'2'}}};
  const auto refused = [](const auto& result) {
    return !result.ok() && result.error().is(kv::Errc::not_writable);
  };
  EXPECT_TRUE(refused(space_->put("a", as_bytes("x"), Overwrite::yes)));
  EXPECT_EQ(space_->put("a", as_bytes("x"), Overwrite::no).value(), kv::Put::already_exists);
  EXPECT_TRUE(refused(space_->put_all(both)));
  EXPECT_TRUE(refused(space_->replace_all(both)));
  EXPECT_TRUE(refused(space_->remove("a")));
  EXPECT_TRUE(refused(space_->compare_and_swap("a", std::nullopt, as_bytes("x"))));
  EXPECT_EQ(sorted(space_->list()), Keys{"a"}) << "all or nothing";
  EXPECT_TRUE(space_->put("b", as_bytes("2"), Overwrite::yes).ok());
  EXPECT_TRUE(space_->compare_and_swap("b", as_bytes("2"), as_bytes("3")).value());
  EXPECT_EQ(text_of(space_->remove("b")), "value 3");
  EXPECT_EQ(file_text(volume_ / "reference-values.json"), R"([{"name":"a"}])");
}

TEST(SingleFile, is_the_value_of_its_only_key) {
  const TempDir dir;
  const auto space = store::open_single_file(dir / "opa/policy.rego", "key").value();
  EXPECT_EQ(text_of(space->get("key")), "absent");
  EXPECT_TRUE(space->list().value().empty());
  const auto before = space->version().value();
  EXPECT_EQ(space->put("key", as_bytes("one"), Overwrite::no).value(), kv::Put::inserted);
  EXPECT_EQ(space->put("key", as_bytes("two"), Overwrite::no).value(), kv::Put::already_exists);
  EXPECT_EQ(file_text(dir / "opa/policy.rego"), "one");
  EXPECT_GT(space->version().value(), before);
  EXPECT_TRUE(space->put("other", {}, Overwrite::yes).error().is(kv::Errc::invalid_key));
  EXPECT_EQ(text_of(space->get("other")), "absent");
  EXPECT_EQ(sorted(space->list()), Keys{"key"});
  const std::vector<kv::Entry> batch{{"key", {'3'}}};
  EXPECT_TRUE(space->put_all(batch).ok());
  EXPECT_EQ(space->entries().value(), batch);
  EXPECT_FALSE(space->compare_and_swap("key", std::nullopt, as_bytes("4")).value());
  EXPECT_TRUE(space->compare_and_swap("key", as_bytes("3"), as_bytes("4")).value());
  EXPECT_TRUE(space->replace_all({}).ok());
  EXPECT_FALSE(std::filesystem::exists(dir / "opa/policy.rego"));
  EXPECT_TRUE(store::open_single_file("", "key").error().is(kv::Errc::configuration));
}

TEST(SingleFile, lies_in_the_first_of_several_places_where_something_is) {
  const TempDir dir;
  const std::vector<std::string> places{dir / "opt/policy.rego", dir / "opa/policy.rego"};
  const auto open = [&] { return store::open_first_file(places, "key").value(); };
  EXPECT_EQ(text_of(open()->get("key")), "absent");
  EXPECT_FALSE(std::filesystem::exists(dir / "opt")) << "looking makes nothing";
  ASSERT_TRUE(std::filesystem::create_directory(dir / "opa"));
  write_file(dir / "opa/policy.rego", "later");
  EXPECT_EQ(text_of(open()->get("key")), "value later");
  ASSERT_TRUE(std::filesystem::create_directory(dir / "opt"));
  write_file(dir / "opt/policy.rego", "first");
  EXPECT_EQ(text_of(open()->get("key")), "value first");
  EXPECT_TRUE(store::open_first_file({}, "key").error().is(kv::Errc::configuration));
}

TEST(SingleFile, is_read_through_kubelets_switch) {
  const TempDir dir;
  KubeletVolume volume(dir / "opa");
  volume.write({{"policy.rego", "one"}});
  const auto space = store::open_single_file(volume / "policy.rego", "key").value();
  const auto before = space->version().value();
  EXPECT_EQ(space->version().value(), before);
  volume.write({{"policy.rego", "two"}});
  EXPECT_GT(space->version().value(), before);
  EXPECT_EQ(text_of(space->get("key")), "value two");
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
