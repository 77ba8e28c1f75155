#include "store/single_file.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "store/atomic_file.h"
#include "store/internal/change_watch.h"
#include "store/internal/file.h"
#include "store/mounted_testbed.h"
#include "tests/support/file_bytes.h"

namespace trustee {
namespace {

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

TEST(SingleFile, its_value_ends_at_the_limit) {
  const TempDir dir;
  const auto space = store::open_single_file(dir / "policy.rego", "key").value();
  const ByteVec longer(store::kMaxValueBytes + 1);
  const Bytes fits = Bytes(longer).first(store::kMaxValueBytes);
  EXPECT_TRUE(space->put("key", fits, Overwrite::yes).ok());
  EXPECT_TRUE(space->put("key", longer, Overwrite::yes).error().is(kv::Errc::too_large));
  EXPECT_TRUE(space->compare_and_swap("key", fits, longer).error().is(kv::Errc::too_large));
  const std::vector<kv::Entry> batch{{"key", longer}, {"key", {}}};
  EXPECT_TRUE(space->put_all(batch).error().is(kv::Errc::too_large));
  EXPECT_EQ(std::filesystem::file_size(dir / "policy.rego"), store::kMaxValueBytes);
}

/// Returns when somebody has opened the watched directory itself.
void wait_for_open(int events) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t n = ::read(events, buffer.data(), buffer.size());
    ASSERT_GT(n, 0);
    struct inotify_event event{};
    for (std::size_t at = 0; at < static_cast<std::size_t>(n); at += sizeof event + event.len) {
      std::memcpy(&event, buffer.data() + at, sizeof event);
      if (event.len == 0) return;
    }
  }
}

TEST(SingleFile, what_is_removed_is_what_was_there_under_the_lock) {
  const TempDir dir;
  const store::StepHook no_hook;
  const auto space = store::open_single_file(dir / "policy.rego", "key").value();
  ASSERT_TRUE(space->put("key", as_bytes("old"), Overwrite::yes).ok());
  std::optional<Result<std::optional<ByteVec>>> removed;
  std::thread remover;
  {
    auto held = store::LockedDirectory::lock(dir.path(), store::Lock::exclusive, no_hook).value();
    const store::Fd events(::inotify_init1(IN_CLOEXEC));
    ASSERT_GE(::inotify_add_watch(events.get(), dir.path().c_str(), IN_OPEN | IN_ONLYDIR), 0);
    remover = std::thread([&] { removed = space->remove("key"); });
    wait_for_open(events.get());
    EXPECT_TRUE(held.replace("policy.rego", as_bytes("new")).ok());
  }
  remover.join();
  EXPECT_EQ(text_of(*removed), "value new");
  EXPECT_EQ(text_of(space->get("key")), "absent");
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

}  // namespace
}  // namespace trustee
