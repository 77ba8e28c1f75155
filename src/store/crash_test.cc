#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/internal/file.h"
#include "store/local_fs.h"
#include "store/local_json.h"
#include "store/sqlite.h"
#include "tests/support/crashing_vfs.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

// A child process makes a series of changes and ends, without any clean-up, right before its n-th
// step, for every n. Whoever opens the store then finds exactly the state between two changes.

namespace trustee {
namespace {

using kv_contract::bytes_of;
using kv_contract::content_of;
using kv_contract::Model;

constexpr int kKilled = 77;

using Opener =
    std::function<Result<std::shared_ptr<kv::Store>>(const std::string& dir, store::StepHook hook)>;

/// Enough for three writes of one file, and for overflow pages of SQLite.
constexpr std::size_t kFileBig = 150'000;
constexpr std::size_t kPagesBig = 9'000;

/// The series of changes with its big values.
struct Series {
  std::size_t size;
  ByteVec big(char c) const { return ByteVec(size, static_cast<std::uint8_t>(c)); }
  std::vector<Model> states() const;
  bool make_changes(kv::Namespace& space) const;
};

/// The states that the series goes through; the first is what is there before it.
std::vector<Model> Series::states() const {
  return {
      {{"a", big('1')}, {"c", bytes_of("c")}, {"d", bytes_of("d1")}},
      {{"a", big('2')}, {"c", bytes_of("c")}, {"d", bytes_of("d1")}},
      {{"a", big('2')}, {"b/x", bytes_of("b")}, {"c", bytes_of("c")}, {"d", bytes_of("d1")}},
      {{"a", big('2')}, {"b/x", bytes_of("b")}, {"d", bytes_of("d1")}},
      {{"a", big('2')}, {"b/x", bytes_of("b")}, {"d", bytes_of("d2")}},
      {{"a", big('3')}, {"b/x", bytes_of("b")}, {"d", bytes_of("d2")}, {"e", bytes_of("e")}},
      {{"a", bytes_of("4")}, {"f", bytes_of("f")}},
  };
}

bool Series::make_changes(kv::Namespace& space) const {
  const ByteVec d1 = bytes_of("d1");
  const std::vector<kv::Entry> batch{{"a", big('3')}, {"e", bytes_of("e")}};
  const std::vector<kv::Entry> all{{"f", bytes_of("f")}, {"a", bytes_of("4")}};
  return space.put("a", big('2'), kv::Overwrite::yes).ok() &&
         space.put("b/x", as_bytes("b"), kv::Overwrite::no).ok() && space.remove("c").ok() &&
         space.compare_and_swap("d", Bytes(d1), as_bytes("d2")).ok() && space.put_all(batch).ok() &&
         space.replace_all(all).ok();
}

void store_first_state(const Series& series, const Opener& open, const std::string& dir) {
  const auto space = open(dir, {}).value()->open("repository").value();
  std::vector<kv::Entry> entries;
  const auto first = series.states().front();
  for (const auto& [key, value] : first) {
    entries.push_back({key, value});
  }
  ASSERT_TRUE(space->put_all(entries).ok());
}

/// Runs the series in a child that ends before step `n`. True when it came to the end instead.
bool child_finishes(const Series& series, const Opener& open, const std::string& dir, int n) {
  const pid_t child = ::fork();
  if (child == 0) {
    int step = 0;
    const auto opened = open(dir, [&step, n](std::string_view) {
      if (step++ == n) ::_exit(kKilled);
    });
    const auto space = opened.value()->open("repository");
    ::_exit(series.make_changes(*space.value()) ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kKilled)
      << "the series failed before step " << n << ", status " << status;
  return WEXITSTATUS(status) == 0;
}

/// The index of the state that the content equals; -1 when it is none.
int state_of(const Series& series, kv::Namespace& space) {
  const auto all = series.states();
  const auto found = std::find(all.begin(), all.end(), content_of(space));
  return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

void expect_later_writes_work(kv::Namespace& space) {
  EXPECT_TRUE(space.put("a", as_bytes("later"), kv::Overwrite::yes).ok());
  EXPECT_EQ(kv_contract::text_of(space.get("a")), "value later");
  const std::vector<kv::Entry> batch{{"a", {1}}, {"z", {2}}};
  EXPECT_TRUE(space.replace_all(batch).ok());
  EXPECT_EQ(content_of(space), (Model{{"a", {1}}, {"z", {2}}}));
}

/// Kills at every step. Returns how many there were.
int kill_at_every_step(const Series& series, const Opener& open) {
  int last_state = 0;
  for (int n = 0;; ++n) {
    const TempDir dir;
    store_first_state(series, open, dir.path());
    // Opened before the crash and alive after it: it must see whole states as well.
    const auto witness = open(dir.path(), {}).value()->open("repository").value();
    const bool finished = child_finishes(series, open, dir.path(), n);
    const auto reopened = open(dir.path(), {}).value()->open("repository").value();
    for (auto* space : n % 2 == 0 ? std::vector{witness.get(), reopened.get()}
                                  : std::vector{reopened.get(), witness.get()}) {
      const int state = state_of(series, *space);
      EXPECT_GE(state, last_state) << "torn or lost after a kill before step " << n;
      last_state = std::max(state, last_state);
    }
    expect_later_writes_work(*reopened);
    if (finished || ::testing::Test::HasFailure()) {
      EXPECT_EQ(last_state, static_cast<int>(series.states().size()) - 1);
      return n;
    }
  }
}

Result<std::shared_ptr<kv::Store>> open_fs(const std::string& dir, store::StepHook hook) {
  return store::create_local_fs({.dir_path = dir, .before_step = std::move(hook)});
}

TEST(Crash, local_fs_has_whole_states_after_a_kill_at_any_step) {
  EXPECT_GT(kill_at_every_step({kFileBig}, open_fs), 50);
}

TEST(Crash, local_fs_single_get_never_sees_half_a_batch) {
  const Series series{kFileBig};
  for (int n = 0;; ++n) {
    const TempDir dir;
    store_first_state(series, open_fs, dir.path());
    const auto witness = open_fs(dir.path(), {}).value()->open("repository").value();
    const bool finished = child_finishes(series, open_fs, dir.path(), n);
    // `e` and `3` come with one batch; `f` and `4` with the next.
    const bool e = witness->get("e").value().has_value();
    const bool f = witness->get("f").value().has_value();
    const auto a = witness->get("a").value().value();
    EXPECT_EQ(e, a == series.big('3')) << n;
    EXPECT_EQ(f, a == bytes_of("4")) << n;
    if (finished) break;
  }
}

TEST(Crash, local_fs_leaves_no_working_files_behind) {
  const Series series{kFileBig};
  const TempDir dir;
  store_first_state(series, open_fs, dir.path());
  EXPECT_FALSE(child_finishes(series, open_fs, dir.path(), 4));
  const auto space = open_fs(dir.path(), {}).value()->open("repository").value();
  auto names = store::regular_files(dir / "repository")->names;
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"a", "c", "d"}));
}

TEST(Crash, content_is_synced_before_its_name_and_the_name_before_the_answer) {
  const TempDir dir;
  std::vector<std::string> steps;
  const auto space =
      open_fs(dir.path(), [&](std::string_view s) { steps.emplace_back(s); }).value()->open("n");
  steps.clear();
  ASSERT_TRUE(space.value()->put("k", as_bytes("v"), kv::Overwrite::yes).ok());
  EXPECT_EQ(steps,
            (std::vector<std::string>{"create", "write", "sync", "rename", "sync", "touch"}));
  steps.clear();
  ASSERT_TRUE(space.value()->remove("k").ok());
  EXPECT_EQ(steps, (std::vector<std::string>{"unlink", "sync", "touch"}));
  steps.clear();
  const std::vector<kv::Entry> batch{{"k", {1}}, {"l", {2}}};
  ASSERT_TRUE(space.value()->put_all(batch).ok());
  EXPECT_EQ(steps, (std::vector<std::string>{
                       "create", "write", "sync", "create", "write", "sync",  // the parts
                       "create", "write", "sync", "rename", "sync",           // the journal
                       "rename", "rename", "sync", "unlink", "sync",          // carried out
                       "touch"}));
  steps.clear();
  std::filesystem::create_directories(dir / "n/others");
  std::ofstream(dir / "n/others/key") << "nested";
  ASSERT_TRUE(space.value()->remove("others/key").ok());
  EXPECT_EQ(steps, (std::vector<std::string>{"unlink", "sync",  // the nested file
                                             "unlink", "sync", "touch"}));
}

Result<std::shared_ptr<kv::Store>> open_json(const std::string& dir, store::StepHook hook) {
  return store::create_local_json({.file_dir_path = dir, .before_step = std::move(hook)});
}

TEST(Crash, local_json_has_whole_states_after_a_kill_at_any_step) {
  EXPECT_GT(kill_at_every_step({kPagesBig}, open_json), 30);
}

Result<std::shared_ptr<kv::Store>> open_sqlite(const std::string& dir, store::StepHook hook,
                                               CrashingVfs::Kill kill) {
  if (!hook) return store::create_sqlite({.path = dir + "/s.sqlite", .vfs = {}});
  return store::create_sqlite(
      {.path = dir + "/s.sqlite", .vfs = CrashingVfs::install(std::move(hook), kill)});
}

TEST(Crash, sqlite_has_whole_states_after_a_kill_before_any_write) {
  EXPECT_GT(kill_at_every_step({kPagesBig},
                               [](const std::string& dir, store::StepHook hook) {
                                 return open_sqlite(dir, std::move(hook),
                                                    CrashingVfs::Kill::before_write);
                               }),
            50);
}

TEST(Crash, sqlite_has_whole_states_after_a_kill_in_the_middle_of_any_write) {
  EXPECT_GT(kill_at_every_step({kPagesBig},
                               [](const std::string& dir, store::StepHook hook) {
                                 return open_sqlite(dir, std::move(hook),
                                                    CrashingVfs::Kill::inside_write);
                               }),
            50);
}

}  // namespace
}  // namespace trustee
