#include "reload/watch.h"

#include <condition_variable>
#include <mutex>

#include "reload/files.h"
#include "reload/watch_testbed.h"
#include "tests/support/kubelet_volume.h"

namespace trustee::reload {
namespace {

TEST_F(Watching, what_is_unusable_at_the_start_is_an_error_and_not_watched) {
  replace(dir_ / "a", "bad");
  const auto started = watch_.start(joined({dir_ / "a"}), kNow);
  ASSERT_FALSE(started.ok());
  EXPECT_TRUE(started.error().is(Errc::material_invalid));
  replace(dir_ / "a", "good");
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(in_force_, "");
}

TEST_F(Watching, a_file_that_is_replaced_or_written_in_place_is_taken_once) {
  replace(dir_ / "a", "one");
  ASSERT_TRUE(watch_.start(joined({dir_ / "a"}), kNow).ok());
  EXPECT_EQ(in_force_, "one");
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(reads_, 1) << "nothing changed";
  EXPECT_TRUE(reloaded_.empty());
  replace(dir_ / "a", "two");
  watch_.look(kNow + seconds(2));
  watch_.look(kNow + seconds(3));
  EXPECT_EQ(in_force_, "two");
  EXPECT_EQ(reloaded_, Lines{"the thing reloaded"});
  std::ofstream(dir_ / "a", std::ios::trunc) << "three";
  watch_.look(kNow + seconds(4));
  EXPECT_EQ(in_force_, "three");
}

TEST_F(Watching, what_is_refused_is_told_once_and_the_last_good_one_stays_in_force) {
  replace(dir_ / "a", "good");
  ASSERT_TRUE(watch_.start(joined({dir_ / "a"}), kNow).ok());
  replace(dir_ / "a", "bad 1");
  for (int i = 1; i < 5; ++i) {
    watch_.look(kNow + seconds(i));
  }
  EXPECT_EQ(in_force_, "good");
  EXPECT_EQ(refused_, Lines{"the thing changed but is refused, the last good one stays in force: "
                            "reload.material_invalid: bad 1"});
  std::filesystem::remove(dir_ / "a");
  watch_.look(kNow + seconds(6));
  watch_.look(kNow + seconds(7));
  EXPECT_EQ(refused_.size(), 2U);
  EXPECT_EQ(in_force_, "good");
  EXPECT_TRUE(reloaded_.empty());
  replace(dir_ / "a", "better");
  watch_.look(kNow + seconds(8));
  EXPECT_EQ(in_force_, "better");
  EXPECT_EQ(reloaded_.size(), 1U);
}

TEST_F(Watching, what_was_refused_is_tried_again_and_told_again_only_for_another_reason) {
  replace(dir_ / "a", "good");
  bool outage = false;
  Watched watched = joined({dir_ / "a"});
  watched.take = [&, inner = watched.take](Time now) -> Result<void> {
    if (outage) return Errc::jwks_unavailable;
    return inner(now);
  };
  ASSERT_TRUE(watch_.start(std::move(watched), kNow).ok());
  outage = true;
  replace(dir_ / "a", "better");
  for (int i = 1; i < 900; ++i) {
    watch_.look(kNow + seconds(i));
  }
  EXPECT_EQ(refused_.size(), 1U);
  EXPECT_EQ(in_force_, "good");
  outage = false;
  watch_.look(kNow + seconds(901));
  EXPECT_EQ(in_force_, "better");
  watch_.look(kNow + seconds(1800));
  EXPECT_EQ(reloaded_.size(), 1U);
}

TEST_F(Watching, a_version_that_kubelet_switches_to_is_taken_as_a_whole) {
  KubeletVolume volume(dir_ / "volume");
  volume.write({{"tls.crt", "a1 "}, {"tls.key", "b1"}});
  ASSERT_TRUE(watch_.start(joined({volume / "tls.crt", volume / "tls.key"}), kNow).ok());
  EXPECT_EQ(in_force_, "a1 b1");
  volume.write({{"tls.crt", "a2 "}, {"tls.key", "b2"}});
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(in_force_, "a2 b2");
  volume.write({{"tls.crt", "bad"}, {"tls.key", "b3"}});
  watch_.look(kNow + seconds(2));
  EXPECT_EQ(in_force_, "a2 b2");
  volume.write({{"tls.crt", "a4 "}});
  watch_.look(kNow + seconds(3));
  EXPECT_EQ(in_force_, "a2 b2") << "half of it is not enough";
  volume.write({{"tls.crt", "a5 "}, {"tls.key", "b5"}});
  watch_.look(kNow + seconds(4));
  EXPECT_EQ(in_force_, "a5 b5");
  EXPECT_EQ(refused_.size(), 2U);
  EXPECT_EQ(reloaded_.size(), 2U);
}

TEST_F(Watching, what_is_switched_while_it_is_read_is_read_again_and_nothing_is_told) {
  KubeletVolume volume(dir_ / "volume");
  volume.write({{"a", "1"}, {"b", "1"}});
  Watched pair = joined({volume / "a", volume / "b"});
  pair.take = [this, both = pair.take](Time now) -> Result<void> {
    const std::string before = in_force_;
    auto taken = both(now);
    if (!taken.ok() || in_force_[0] == in_force_[1]) return taken;
    in_force_ = before;
    return Error(Errc::material_invalid, "the two do not belong together");
  };
  ASSERT_TRUE(watch_.start(std::move(pair), kNow).ok());
  volume.write({{"a", "2"}, {"b", "2"}});
  bool switched = false;
  between_ = [&] {
    if (!switched) volume.write({{"a", "3"}, {"b", "3"}});
    switched = true;
  };
  watch_.look(kNow + seconds(1));
  EXPECT_TRUE(switched);
  EXPECT_EQ(in_force_, "33");
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(reloaded_.size(), 1U);
}

TEST_F(Watching, of_a_directory_the_files_count_also_behind_a_switch) {
  KubeletVolume volume(dir_ / "keys");
  volume.write({{"a.pem", "1"}});
  Watched watched;
  watched.name = "keys";
  watched.sources = {{Kind::directory, volume.path()}};
  Lines found;
  watched.take = [&](Time) -> Result<void> {
    found.clear();
    const auto files = files_of(volume.path());
    for (const auto& path : *files) {
      found.push_back(*read_file(path));
    }
    return {};
  };
  ASSERT_TRUE(watch_.start(std::move(watched), kNow).ok());
  volume.write({{"a.pem", "2"}});
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(found, Lines{"2"});
  volume.write({{"a.pem", "2"}, {"b.pem", "3"}});
  watch_.look(kNow + seconds(2));
  EXPECT_EQ(found, (Lines{"2", "3"}));
  volume.write({{"b.pem", "3"}});
  watch_.look(kNow + seconds(3));
  EXPECT_EQ(found, Lines{"3"});
  EXPECT_EQ(reloaded_.size(), 3U);
}

TEST_F(Watching, one_refused_part_does_not_hold_up_the_others) {
  replace(dir_ / "a", "a");
  replace(dir_ / "b", "b");
  ASSERT_TRUE(watch_.start(joined({dir_ / "a"}), kNow).ok());
  ASSERT_TRUE(watch_.start(joined({dir_ / "b"}), kNow).ok());
  replace(dir_ / "a", "bad");
  replace(dir_ / "b", "good");
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(in_force_, "good");
}

/// A server of JWK sets whose answers change.

TEST_F(Watching, a_lookout_looks_until_it_ends) {
  replace(dir_ / "a", "one");
  ASSERT_TRUE(watch_.start(joined({dir_ / "a"}), kNow).ok());
  std::mutex mutex;
  std::condition_variable looked;
  int looks = 0;
  Watched counting;
  counting.name = "count";
  counting.take = [](Time) -> Result<void> { return {}; };
  counting.expire = [&](Time) {
    const std::lock_guard lock(mutex);
    ++looks;
    looked.notify_all();
  };
  ASSERT_TRUE(watch_.start(std::move(counting), kNow).ok());
  replace(dir_ / "a", "two");
  const FixedClock clock(kNow);
  {
    const Lookout lookout(watch_, clock);
    std::unique_lock lock(mutex);
    EXPECT_TRUE(looked.wait_for(lock, seconds(60), [&] { return looks >= 2; }));
  }
  EXPECT_EQ(in_force_, "two");
}

}  // namespace
}  // namespace trustee::reload
