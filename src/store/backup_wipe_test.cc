// What backup and restore hold in memory is wiped before it is given back.

#include "store/backup.h"

#include <atomic>
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

#include "kv/memory.h"
#include "store/factory.h"
#include "tests/support/temp_dir.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRUSTEE_SEES_FREED_MEMORY
#include <sanitizer/allocator_interface.h>
#endif
#endif

namespace trustee {
namespace {

#ifdef TRUSTEE_SEES_FREED_MEMORY

constexpr std::string_view kSecret = "a secret of some length, to be found in no freed memory";

/// Looks at memory right before it is given back.
struct Freed {
  static void look(const volatile void* block) {
    if (!looking || block == nullptr) return;
    const auto* bytes = const_cast<const char*>(static_cast<const volatile char*>(block));
    const std::string_view content(bytes, __sanitizer_get_allocated_size(bytes));
    if (content.find(kSecret) != std::string_view::npos) ++with_secret;
  }
  static inline std::atomic<bool> looking = false;
  static inline std::atomic<int> with_secret = 0;
};

/// Once: there is room for a few hooks only, and each would count.
bool is_looking() {
  static const int kInstalled = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t) {}, Freed::look);
  return kInstalled > 0;
}

/// How many blocks with the secret in them `work` gives back.
template <class Work>
int leftovers_of(const Work& work) {
  EXPECT_TRUE(is_looking());
  Freed::with_secret = 0;
  Freed::looking = true;
  work();
  Freed::looking = false;
  return Freed::with_secret;
}

const std::vector<std::string> kNames{"kbs"};

std::shared_ptr<kv::Store> store_with_secret() {
  auto store = kv::create_memory_store();
  const auto put = store->open("kbs").value()->put("k", as_bytes(kSecret), kv::Overwrite::yes);
  EXPECT_TRUE(put.ok());
  return store;
}

TEST(BackupWipe, freed_memory_is_seen_at_all) {
  const auto space = store_with_secret()->open("kbs").value();
  EXPECT_GT(leftovers_of([&] { EXPECT_TRUE(space->get("k").ok()); }), 0);
}

TEST(BackupWipe, a_backup_and_one_that_fails_leave_nothing_in_memory) {
  const TempDir dir;
  const auto store = store_with_secret();
  EXPECT_EQ(leftovers_of([&] {
              EXPECT_TRUE(store::backup(*store, kNames, dir / "backup").ok());
              EXPECT_FALSE(store::backup(*store, kNames, dir / "nowhere/backup").ok());
            }),
            0);
}

TEST(BackupWipe, a_restore_and_one_that_fails_leave_nothing_in_memory) {
  const TempDir dir;
  ASSERT_TRUE(store::backup(*store_with_secret(), kNames, dir / "backup").ok());
  const auto target = kv::create_memory_store();
  EXPECT_EQ(leftovers_of([&] { EXPECT_TRUE(store::restore(dir / "backup", *target).ok()); }), 0);
  const std::vector<kv::Content> contents{
      {"kbs", {{"no key: LocalFs", to_vec(as_bytes(kSecret))}}}};
  const ByteVec file = store::encode_backup(contents).value();
  std::ofstream(dir / "other", std::ios::binary) << as_text(file);
  const auto files = store::create({.kind = store::StoreKind::local_fs,
                                    .dir_path = dir / "fs",
                                    .file_dir_path = {},
                                    .sqlite_path = {}})
                         .value();
  EXPECT_EQ(leftovers_of([&] { EXPECT_FALSE(store::restore(dir / "other", *files).ok()); }), 0);
}

TEST(BackupWipe, a_file_that_turns_out_malformed_leaves_nothing_in_memory) {
  std::vector<kv::Content> contents{{"kbs", {{"k", to_vec(as_bytes(kSecret))}}}};
  contents.push_back(contents.front());  // a namespace twice
  const ByteVec file = store::encode_backup(contents).value();
  EXPECT_EQ(leftovers_of([&] { EXPECT_FALSE(store::decode_backup(file).ok()); }), 0);
  contents.pop_back();
  contents[0].entries.push_back(contents[0].entries.front());  // a key twice
  const ByteVec other = store::encode_backup(contents).value();
  EXPECT_EQ(leftovers_of([&] { EXPECT_FALSE(store::decode_backup(other).ok()); }), 0);
}

#endif

}  // namespace
}  // namespace trustee
