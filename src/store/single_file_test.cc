#include "store/single_file.h"

#include <fcntl.h>

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
