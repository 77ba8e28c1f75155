#include "store/local_fs.h"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "store/internal/batch.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"
#include "tests/support/file_mode.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

namespace trustee {
namespace {

using kv_contract::text_of;

std::shared_ptr<kv::Namespace> open(const TempDir& dir, std::string_view name) {
  return store::create_local_fs({.dir_path = dir.path(), .before_step = {}})
      .value()
      ->open(name)
      .value();
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(LocalFs, file_names_are_upstreams) {
  const TempDir dir;
  ASSERT_TRUE(open(dir, "repository")
                  ->put("default/test/secret", as_bytes("shhhhhhh"), kv::Overwrite::yes)
                  .ok());
  ASSERT_TRUE(open(dir, "repository")->put("a/b/c", ByteVec(10), kv::Overwrite::yes).ok());
  ASSERT_TRUE(open(dir, "kbs")
                  ->put("resource-policy.rego", as_bytes("package policy\n"), kv::Overwrite::no)
                  .ok());
  EXPECT_EQ(file_text(dir / "repository/default\\x2Ftest\\x2Fsecret"), "shhhhhhh");
  EXPECT_EQ(file_bytes(dir / "repository/a\\x2Fb\\x2Fc"), ByteVec(10));
  EXPECT_EQ(file_text(dir / "kbs/resource-policy.rego"), "package policy\n");
}

TEST(LocalFs, a_reference_value_lies_where_upstream_has_it_and_is_found) {
  CASE("RV-41");
  const TempDir dir;
  const auto space = open(dir, "reference_value");
  ASSERT_TRUE(space->put("a/b.c-d_e", as_bytes("{}"), kv::Overwrite::yes).ok());
  EXPECT_EQ(store::regular_files(dir / "reference_value")->names,
            std::vector<std::string>{"a\\x2Fb.c-d_e"});
  EXPECT_EQ(text_of(space->get("a/b.c-d_e")), "value {}");
}

TEST(LocalFs, finds_what_upstream_wrote) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "repository");
  write_file(dir / "repository/default\\x2Ftest\\x2Fsecret", "old");
  const auto space = open(dir, "repository");
  EXPECT_EQ(text_of(space->get("default/test/secret")), "value old");
  EXPECT_EQ(space->list().value(), std::vector<std::string>{"default/test/secret"});
}

TEST(LocalFs, lists_files_with_key_names_only) {
  const TempDir dir;
  const auto space = open(dir, "a");
  (void)open(dir, "a/nested");
  write_file(dir / "a/key", "1");
  write_file(dir / "a/not a key", "2");
  write_file(dir / "a/.trustee~new", "3");
  write_file(dir / "elsewhere", "4");
  std::filesystem::create_symlink(dir / "elsewhere", dir / "a/linked");
  std::filesystem::create_symlink(dir / "a/nested", dir / "a/..data");
  auto keys = space->list().value();
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"key", "linked"}));
  EXPECT_EQ(text_of(space->get("linked")), "value 4");
  EXPECT_EQ(text_of(space->get("not a key")), "absent");
  EXPECT_EQ(text_of(space->get(".trustee~new")), "absent");
}

TEST(LocalFs, names_of_directories_are_errors_not_absent) {
  const TempDir dir;
  const auto space = open(dir, "reference_value");
  for (const std::string_view key : {"", ".", ".."}) {
    EXPECT_TRUE(space->get(key).error().is(kv::Errc::io)) << key;
    EXPECT_TRUE(space->remove(key).error().is(kv::Errc::io)) << key;
    EXPECT_TRUE(space->put(key, {}, kv::Overwrite::yes).error().is(kv::Errc::invalid_key)) << key;
  }
  EXPECT_TRUE(std::filesystem::is_directory(dir / "reference_value"));
}

TEST(LocalFs, keys_end_at_the_length_of_a_file_name) {
  const TempDir dir;
  const auto space = open(dir, "n");
  const std::string fits = std::string(251, 'a') + "/";
  const std::string longer = std::string(252, 'a') + "/";
  ASSERT_TRUE(space->put(fits, as_bytes("v"), kv::Overwrite::yes).ok());
  EXPECT_EQ(text_of(space->get(fits)), "value v");
  EXPECT_TRUE(
      space->put(longer, as_bytes("v"), kv::Overwrite::yes).error().is(kv::Errc::invalid_key));
  EXPECT_EQ(text_of(space->get(longer)), "absent");
  EXPECT_EQ(text_of(space->get(std::string_view("a\0b", 3))), "absent");
}

TEST(LocalFs, values_end_at_the_limit) {
  const TempDir dir;
  const auto space = open(dir, "n");
  const ByteVec fits(store::kMaxValueBytes);
  const ByteVec longer(store::kMaxValueBytes + 1);
  EXPECT_TRUE(space->put("k", fits, kv::Overwrite::yes).ok());
  EXPECT_TRUE(space->put("k", longer, kv::Overwrite::yes).error().is(kv::Errc::too_large));
  std::filesystem::resize_file(dir / "n/k", store::kMaxValueBytes + 1);
  EXPECT_TRUE(space->get("k").error().is(kv::Errc::too_large));
}

TEST(LocalFs, in_place_of_a_value_a_directory_is_none_and_a_pipe_an_error) {
  const TempDir dir;
  const auto space = open(dir, "n");
  std::filesystem::create_directory(dir / "n/d");
  ASSERT_EQ(::mkfifo((dir / "n/pipe").c_str(), 0600), 0);
  EXPECT_EQ(text_of(space->get("d")), "absent");
  EXPECT_TRUE(space->get("pipe").error().is(kv::Errc::io));
}

TEST(LocalFs, a_directory_that_vanished_is_an_error_not_absent) {
  const TempDir dir;
  const auto space = open(dir, "n");
  std::filesystem::remove_all(dir / "n");
  EXPECT_TRUE(space->get("k").error().is(kv::Errc::io));
  EXPECT_TRUE(space->list().error().is(kv::Errc::io));
  EXPECT_TRUE(space->version().error().is(kv::Errc::io));
  EXPECT_TRUE(space->put("k", {}, kv::Overwrite::yes).error().is(kv::Errc::io));
}

TEST(LocalFs, files_are_0600_and_new_directories_0700) {
  const TempDir dir;
  const mode_t old = ::umask(0);
  const auto store =
      store::create_local_fs({.dir_path = dir / "new/root", .before_step = {}}).value();
  const auto space = store->open("a/b").value();
  ASSERT_TRUE(space->put("k", as_bytes("v"), kv::Overwrite::yes).ok());
  const std::vector<kv::Entry> batch{{"l", {1}}, {"m", {2}}};
  ASSERT_TRUE(space->put_all(batch).ok());
  ::umask(old);
  for (const char* name : {"new", "new/root", "new/root/a", "new/root/a/b"}) {
    EXPECT_EQ(mode_of(dir / name), 0700U) << name;
  }
  for (const char* name : {"k", "l", "m"}) {
    EXPECT_EQ(mode_of(dir / "new/root/a/b/" + name), 0600U) << name;
  }
}

TEST(LocalFs, an_open_namespace_is_closed_to_others_and_a_rewritten_file_to_all_but_us) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "n");
  std::filesystem::permissions(dir / "n", std::filesystem::perms(0775));
  write_file(dir / "n/k", "old");
  std::filesystem::permissions(dir / "n/k", std::filesystem::perms(0644));
  const auto space = open(dir, "n");
  EXPECT_EQ(mode_of(dir / "n"), 0770U);
  ASSERT_TRUE(space->put("k", as_bytes("new"), kv::Overwrite::yes).ok());
  EXPECT_EQ(mode_of(dir / "n/k"), 0600U);
}

TEST(LocalFs, version_notices_a_policy_edited_in_place) {
  const TempDir dir;
  const auto space = open(dir, "kbs");
  ASSERT_TRUE(space->put("resource-policy.rego", as_bytes("old"), kv::Overwrite::yes).ok());
  const auto before = space->version().value();
  write_file(dir / "kbs/resource-policy.rego", "edited");
  EXPECT_GT(space->version().value(), before);
  EXPECT_EQ(text_of(space->get("resource-policy.rego")), "value edited");
}

TEST(LocalFs, version_grows_with_files_that_come_and_go_in_a_large_namespace) {
  const TempDir dir;
  const auto space = open(dir, "repository");
  for (int i = 0; i < 20; ++i) {
    write_file(dir / ("repository/f" + std::to_string(i)), "x");
  }
  const auto first = space->version().value();
  EXPECT_EQ(space->version().value(), first);
  write_file(dir / "repository/g", "x");
  const auto second = space->version().value();
  EXPECT_GT(second, first);
  std::filesystem::remove(dir / "repository/g");
  EXPECT_GT(space->version().value(), second);
}

/// In a directory of another owner the modification time cannot be set, only moved to "now".
bool versions_grow_as_another_user(const std::string& path) {
  if (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0) return false;
  const auto space =
      store::create_local_fs({.dir_path = path, .before_step = {}}).value()->open("n").value();
  std::uint64_t last = space->version().value();
  for (int i = 0; i < 10; ++i) {
    if (!space->put("k", as_bytes(std::to_string(i)), kv::Overwrite::yes).ok()) return false;
    const std::uint64_t now = space->version().value();
    if (now <= last) return false;
    last = now;
  }
  return true;
}

TEST(LocalFs, works_in_a_directory_of_another_owner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  const TempDir dir;
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0711));
  std::filesystem::create_directory(dir / "n");
  std::filesystem::permissions(dir / "n", std::filesystem::perms(0777));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(versions_grow_as_another_user(dir.path()) ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(LocalFs, a_batch_larger_than_the_one_by_one_limit_is_whole) {
  const TempDir dir;
  const auto space = open(dir, "n");
  std::vector<kv::Entry> entries;
  for (int i = 0; i < 100; ++i) {
    entries.push_back({"k" + std::to_string(i), {static_cast<std::uint8_t>(i)}});
  }
  ASSERT_TRUE(space->replace_all(entries).ok());
  EXPECT_EQ(space->list().value().size(), 100U);
  EXPECT_EQ(space->get("k77").value(), ByteVec{77});
}

TEST(LocalFs, a_batch_leaves_foreign_files_alone) {
  const TempDir dir;
  const auto space = open(dir, "n");
  write_file(dir / "n/not a key", "kept");
  write_file(dir / "n/key", "gone");
  ASSERT_TRUE(space->replace_all({}).ok());
  EXPECT_EQ(store::regular_files(dir / "n")->names, std::vector<std::string>{"not a key"});
}

TEST(Batch, survives_its_text_form) {
  const store::Batch batch{.moves = {{"a", "b\\x2Fc"}, {"\n", "d"}}, .removals = {"e f"}};
  EXPECT_EQ(store::decode_batch(store::encode_batch(batch)).value(), batch);
  EXPECT_EQ(store::decode_batch(store::encode_batch({})).value(), store::Batch{});
}

TEST(Batch, refuses_names_that_lead_elsewhere_and_damaged_journals) {
  const std::string longest(255, 'n');
  for (const std::string& name : {std::string("../x"), std::string("a/b"), std::string(".."),
                                  std::string("."), std::string(), longest + "n"}) {
    const auto read =
        store::decode_batch(store::encode_batch({.moves = {{"a", name}}, .removals = {}}));
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_TRUE(read.error().is(kv::Errc::malformed));
  }
  EXPECT_TRUE(store::decode_batch(store::encode_batch({.moves = {}, .removals = {longest}})).ok());
  const ByteVec whole = store::encode_batch({.moves = {{"a", "b"}}, .removals = {"c"}});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(store::decode_batch(Bytes(whole).first(n)).ok()) << n;
  }
  ByteVec longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(store::decode_batch(longer).ok());
}

TEST(Batch, a_damaged_journal_stops_reads_and_writes) {
  const TempDir dir;
  const auto space = open(dir, "n");
  ASSERT_TRUE(space->put("k", as_bytes("v"), kv::Overwrite::yes).ok());
  write_file(store::journal_path(dir / "n"), "what is this");
  EXPECT_TRUE(space->get("k").error().is(kv::Errc::malformed));
  EXPECT_TRUE(space->list().error().is(kv::Errc::malformed));
  EXPECT_TRUE(space->put("k", as_bytes("w"), kv::Overwrite::yes).error().is(kv::Errc::malformed));
}

}  // namespace
}  // namespace trustee
