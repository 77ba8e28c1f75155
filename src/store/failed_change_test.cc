// What a change that fails leaves behind: nothing, least of all the content in working files.

#include <chrono>

#include "store/atomic_file.h"
#include "store/internal/batch.h"
#include "store/mounted_testbed.h"

namespace trustee {
namespace {

const store::StepHook kNoHook;

/// Everything in a directory, working files and all.
Keys all_files(const std::string& dir) {
  Keys out = store::regular_files(dir)->names;
  std::sort(out.begin(), out.end());
  return out;
}

store::LockedDirectory locked(const std::string& dir) {
  return store::LockedDirectory::lock(dir, store::Lock::exclusive, kNoHook).value();
}

TEST(FailedChange, takes_the_temporary_with_the_content_away) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "taken");
  auto held = locked(dir.path());
  for (const char* name : {"taken", ""}) {
    EXPECT_TRUE(held.replace(name, as_bytes("secret")).error().is(kv::Errc::io)) << name;
    EXPECT_EQ(all_files(dir.path()), Keys{}) << name;
  }
}

TEST(FailedChange, of_several_files_takes_its_parts_away) {
  const std::vector<kv::Entry> batch{{"a", {1}}, {"b", {2}}, {"c", {3}}};
  // The second part cannot be written; the parts can, and the journal cannot.
  for (const char* in_the_way : {".trustee~part1", ".trustee~new"}) {
    const TempDir dir;
    const auto space = open_fs(dir.path(), "n");
    ASSERT_TRUE(space->put("a", as_bytes("old"), Overwrite::yes).ok());
    std::filesystem::create_directory(dir / ("n/" + std::string(in_the_way)));
    EXPECT_TRUE(space->put_all(batch).error().is(kv::Errc::io)) << in_the_way;
    EXPECT_EQ(all_files(dir / "n"), Keys{"a"}) << in_the_way;
    EXPECT_EQ(text_of(space->get("a")), "value old") << in_the_way;
  }
}

TEST(FailedChange, keeps_the_parts_where_a_journal_stands) {
  const TempDir dir;
  const std::string journal = store::journal_path(dir / "n");
  const auto stand_there = [&](std::string_view step) {
    if (step == "rename") std::filesystem::create_directory(journal);
  };
  const auto space = store::create_local_fs({.dir_path = dir.path(), .before_step = stand_there})
                         .value()
                         ->open("n");
  const std::vector<kv::Entry> batch{{"a", {1}}};
  EXPECT_TRUE(space.value()->put_all(batch).error().is(kv::Errc::io));
  EXPECT_EQ(all_files(dir / "n"), Keys{".trustee~part0"});
}

TEST(FailedChange, a_journal_that_nobody_could_read_is_not_written) {
  const TempDir dir;
  const std::vector<kv::Entry> files{{"k", {1}}};
  const std::size_t size =
      store::encode_batch({.moves = {{".trustee~part0", "k"}}, .removals = {"gone"}}).size();
  auto held = locked(dir.path());
  EXPECT_TRUE(store::apply_batch(held, files, {"gone"}, size - 1).error().is(kv::Errc::too_large));
  EXPECT_EQ(all_files(dir.path()), Keys{});
  EXPECT_TRUE(store::apply_batch(held, files, {"gone"}, size).ok());
  EXPECT_EQ(all_files(dir.path()), Keys{"k"});
}

TEST(LockedDirectory, is_not_waited_for_without_end) {
  const TempDir dir;
  const auto again = [&](store::Lock mode) {
    return store::LockedDirectory::lock(dir.path(), mode, kNoHook, std::chrono::milliseconds(0));
  };
  {
    const auto held = locked(dir.path());
    EXPECT_TRUE(again(store::Lock::exclusive).error().is(kv::Errc::busy));
    EXPECT_TRUE(again(store::Lock::shared).error().is(kv::Errc::busy));
  }
  const auto shared = again(store::Lock::shared);
  EXPECT_TRUE(shared.ok());
  EXPECT_TRUE(again(store::Lock::shared).ok());
  EXPECT_TRUE(again(store::Lock::exclusive).error().is(kv::Errc::busy));
}

}  // namespace
}  // namespace trustee
