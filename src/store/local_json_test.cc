#include "store/local_json.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "store/internal/json_file.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"
#include "tests/support/file_mode.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

namespace trustee {
namespace {

using kv_contract::text_of;

std::shared_ptr<kv::Namespace> open(const TempDir& dir, std::string_view name) {
  return store::create_local_json({.file_dir_path = dir.path(), .before_step = {}})
      .value()
      ->open(name)
      .value();
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(LocalJson, a_new_file_is_an_empty_object) {
  const TempDir dir;
  (void)open(dir, "kbs");
  EXPECT_EQ(file_text(dir / "kbs"), "{}");
}

TEST(LocalJson, the_file_is_upstreams) {
  CASE("KBS-S6");
  const TempDir dir;
  const auto space = open(dir, "repository");
  ASSERT_TRUE(space->put("default/test/secret", as_bytes("shhhhhhh"), kv::Overwrite::yes).ok());
  EXPECT_EQ(file_text(dir / "repository"), R"({"default/test/secret":"c2hoaGhoaGg="})");
}

TEST(LocalJson, a_reference_value_is_padded_base64url_under_its_name) {
  CASE("RV-45");
  const TempDir dir;
  const auto space = open(dir, "reference_value");
  // Bytes whose encoding needs both letters in which the alphabets differ, and padding.
  const ByteVec record{0xfb, 0xff, 0xbf, 0x00};
  ASSERT_TRUE(space->put("svn", record, kv::Overwrite::yes).ok());
  EXPECT_EQ(file_text(dir / "reference_value"), R"({"svn":"-_-_AA=="})");
}

TEST(LocalJson, overwrites_or_keeps_as_told) {
  CASE("KBS-S7");
  const TempDir dir;
  const auto space = open(dir, "repository");
  ASSERT_TRUE(space->put("k", as_bytes("old"), kv::Overwrite::yes).ok());
  EXPECT_EQ(space->put("k", as_bytes("new"), kv::Overwrite::yes).value(), kv::Put::inserted);
  EXPECT_EQ(text_of(space->get("k")), "value new");
  EXPECT_EQ(space->put("k", as_bytes("no"), kv::Overwrite::no).value(), kv::Put::already_exists);
  EXPECT_EQ(text_of(space->get("k")), "value new");
}

TEST(LocalJson, a_member_that_is_no_string_spoils_the_file) {
  CASE("RV-46");
  const TempDir dir;
  const auto space = open(dir, "reference_value");
  ASSERT_TRUE(space->put("good", as_bytes("{}"), kv::Overwrite::yes).ok());
  const std::string broken = R"({"good":"e30=","svn":{"value":1}})";
  write_file(dir / "reference_value", broken);
  const auto got = space->get("good");
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(kv::Errc::malformed));
  EXPECT_NE(got.error().detail().find("malformed value"), std::string::npos);
  EXPECT_TRUE(space->version().error().is(kv::Errc::malformed));
  EXPECT_TRUE(space->put("x", as_bytes("1"), kv::Overwrite::yes).error().is(kv::Errc::malformed));
  EXPECT_EQ(file_text(dir / "reference_value"), broken) << "what cannot be read is not overwritten";
}

TEST(LocalJson, text_that_is_no_base64_spoils_its_key_only_and_is_kept) {
  const TempDir dir;
  write_file(dir / "n", R"({"bad":"e30","good":"e30="})");
  const auto space = open(dir, "n");
  EXPECT_TRUE(space->get("bad").error().is(kv::Errc::malformed));
  EXPECT_EQ(text_of(space->get("good")), "value {}");
  ASSERT_TRUE(space->put("more", as_bytes("1"), kv::Overwrite::yes).ok());
  EXPECT_EQ(file_text(dir / "n"), R"({"bad":"e30","good":"e30=","more":"MQ=="})");
}

TEST(LocalJson, reads_what_upstream_writes_in_any_order_and_layout) {
  const TempDir dir;
  write_file(dir / "repository", "{ \"b/\\u00e9\": \"Yg==\",\n \"a\" : \"YQ==\", \"a\":\"YTI=\" }");
  const auto space = open(dir, "repository");
  EXPECT_EQ(text_of(space->get("b/\xc3\xa9")), "value b");
  EXPECT_EQ(text_of(space->get("a")), "value a2");
}

TEST(LocalJson, refuses_what_is_no_object) {
  for (const std::string_view text : {"", "[]", "\"\"", "{", "{}x", "{\"a\":\"YQ==\"", "nul",
                                      "{\"a\":null}", "{\"\xff\":\"\"}"}) {
    const auto read = store::parse_json_entries(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_TRUE(read.error().is(kv::Errc::malformed)) << text;
  }
}

TEST(LocalJson, a_change_by_another_program_is_seen_at_once) {
  const TempDir dir;
  const auto space = open(dir, "n");
  ASSERT_TRUE(space->put("k", as_bytes("old"), kv::Overwrite::yes).ok());
  const auto before = space->version().value();
  write_file(dir / "n", R"({"k":"ZWRpdGVk"})");
  EXPECT_GT(space->version().value(), before);
  EXPECT_EQ(text_of(space->get("k")), "value edited");
}

TEST(LocalJson, a_file_moved_in_right_after_ours_is_seen) {
  const TempDir dir;
  bool armed = false;
  const auto move_in = [&](std::string_view step) {
    // The directory is synced after our file has its name.
    if (!armed || step != "sync" || !std::filesystem::exists(dir / "theirs")) return;
    if (std::filesystem::exists(dir / ".trustee~new")) return;
    std::filesystem::rename(dir / "theirs", dir / "n");
  };
  const auto space = store::create_local_json({.file_dir_path = dir.path(), .before_step = move_in})
                         .value()
                         ->open("n")
                         .value();
  write_file(dir / "theirs", R"({"k":"dGhlaXJz"})");
  armed = true;
  ASSERT_TRUE(space->put("k", as_bytes("ours"), kv::Overwrite::yes).ok());
  EXPECT_EQ(text_of(space->get("k")), "value theirs");
}

TEST(LocalJson, writes_as_many_entries_as_it_reads_and_no_more) {
  store::JsonEntries entries;
  for (std::size_t i = 0; i < store::kMaxJsonEntries; ++i) {
    entries.emplace(std::to_string(i), "");
  }
  const auto text = store::write_json_entries(entries);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(store::parse_json_entries(*text)->size(), store::kMaxJsonEntries);
  entries.emplace("one more", "");
  EXPECT_TRUE(store::write_json_entries(entries).error().is(kv::Errc::too_large));
}

TEST(LocalJson, a_file_that_vanished_is_an_error_not_absent) {
  const TempDir dir;
  const auto space = open(dir, "n");
  std::filesystem::remove(dir / "n");
  EXPECT_TRUE(space->get("k").error().is(kv::Errc::io));
  EXPECT_TRUE(space->put("k", {}, kv::Overwrite::yes).error().is(kv::Errc::io));
}

TEST(LocalJson, a_malformed_file_is_read_once_and_again_when_it_changes) {
  const TempDir dir;
  const auto space = open(dir, "n");
  std::ofstream(dir / "n", std::ios::trunc) << "[]";
  EXPECT_TRUE(space->version().error().is(kv::Errc::malformed));
  const int events = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(::inotify_add_watch(events, (dir / "n").c_str(), IN_OPEN), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(space->version().error().is(kv::Errc::malformed));
    EXPECT_TRUE(space->get("k").error().is(kv::Errc::malformed));
  }
  std::array<char, 4096> buffer{};
  EXPECT_EQ(::read(events, buffer.data(), buffer.size()), -1) << "nobody opened it";
  EXPECT_EQ(errno, EAGAIN);
  ::close(events);
  std::ofstream(dir / "n", std::ios::trunc) << R"({"k":"dg=="})";
  EXPECT_EQ(text_of(space->get("k")), "value v");
  std::ofstream(dir / "n", std::ios::trunc) << "[7]";
  EXPECT_TRUE(space->get("k").error().is(kv::Errc::malformed));
  EXPECT_TRUE(space->replace_all({}).ok());
  EXPECT_EQ(text_of(space->get("k")), "absent");
}

TEST(LocalJson, files_are_0600_and_new_directories_0700) {
  const TempDir dir;
  const mode_t old = ::umask(0);
  const auto store =
      store::create_local_json({.file_dir_path = dir / "new", .before_step = {}}).value();
  const auto space = store->open("sub/n").value();
  EXPECT_EQ(mode_of(dir / "new/sub/n"), 0600U);
  ASSERT_TRUE(space->put("k", as_bytes("v"), kv::Overwrite::yes).ok());
  ::umask(old);
  EXPECT_EQ(mode_of(dir / "new/sub/n"), 0600U);
  EXPECT_EQ(mode_of(dir / "new/sub"), 0700U);
  EXPECT_EQ(mode_of(dir / "new"), 0700U);
}

TEST(LocalJson, a_file_found_open_is_closed_to_others) {
  const TempDir dir;
  write_file(dir / "n", "{}");
  std::filesystem::permissions(dir / "n", std::filesystem::perms(0644));
  (void)open(dir, "n");
  EXPECT_EQ(mode_of(dir / "n"), 0640U);
}

TEST(LocalJson, keys_are_any_utf8_and_nothing_else) {
  const TempDir dir;
  const auto space = open(dir, "n");
  const std::string odd("\"\\\n\0:", 5);
  ASSERT_TRUE(space->put(odd, as_bytes("v"), kv::Overwrite::yes).ok());
  EXPECT_EQ(text_of(open(dir, "n")->get(odd)), "value v");
  EXPECT_TRUE(
      space->put("\xff", as_bytes("v"), kv::Overwrite::yes).error().is(kv::Errc::invalid_key));
}

TEST(LocalJson, a_name_of_our_working_files_is_no_namespace) {
  const TempDir dir;
  const auto store =
      store::create_local_json({.file_dir_path = dir.path(), .before_step = {}}).value();
  EXPECT_TRUE(store->open(".trustee~new").error().is(kv::Errc::invalid_namespace));
}

}  // namespace
}  // namespace trustee
