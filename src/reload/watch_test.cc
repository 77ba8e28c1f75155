#include "reload/watch.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "reload/errors.h"
#include "reload/files.h"
#include "reload/key_sources.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/kubelet_volume.h"
#include "tests/support/loopback.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace trustee::reload {
namespace {

using std::chrono::seconds;
using Kind = Source::Kind;
using Lines = std::vector<std::string>;

constexpr Time kNow = Time(seconds(1'795'000'000));

class Watching : public ::testing::Test {
 protected:
  /// Watches files whose joined content is put in force unless it has the word `bad`.
  Watched joined(const Lines& paths) {
    Watched out;
    out.name = "the thing";
    for (const auto& path : paths) {
      out.sources.push_back({Kind::text, path});
    }
    out.take = [this, paths](Time) -> Result<void> {
      ++reads_;
      std::string all;
      for (const auto& path : paths) {
        auto text = read_file(path);
        if (!text.ok()) return std::move(text).error();
        all += *text;
        if (between_) between_();
      }
      if (all.find("bad") != std::string::npos) return Error(Errc::material_invalid, all);
      in_force_ = all;
      return {};
    };
    return out;
  }
  /// Puts a new file in the place of the old one, as tools that renew keys do.
  void replace(const std::string& path, std::string_view text) {
    std::ofstream(path + ".next", std::ios::binary) << text;
    std::filesystem::rename(path + ".next", path);
  }

  TempDir dir_;
  std::unique_ptr<net::HttpClient> client_ = std::move(net::HttpClient::create({})).value();
  Lines reloaded_;
  Lines refused_;
  Watch watch_{*client_, [this](Watch::Outcome outcome, std::string text) {
                 (outcome == Watch::Outcome::reloaded ? reloaded_ : refused_).push_back(text);
               }};
  std::string in_force_;
  int reads_ = 0;
  std::function<void()> between_;
};

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
class WatchingUrls : public Watching {
 protected:
  WatchingUrls() {
    authority_.issue("server");
    net::ServerConfig c;
    c.tls.emplace();
    c.tls->certificate_file = authority_.certificate_file("server");
    c.tls->private_key_file = authority_.key_file("server");
    server_ = std::make_unique<LoopbackServer>(
        std::move(c), [this](net::Request r) { return answer(std::move(r)); });
    net::ClientConfig trusting;
    trusting.extra_roots_pem = authority_.root_pem();
    trusting.use_proxy = false;
    trusting_ = std::move(net::HttpClient::create(std::move(trusting))).value();
    watch_by_url_.emplace(*trusting_, [this](Watch::Outcome outcome, std::string text) {
      (outcome == Watch::Outcome::reloaded ? reloaded_ : refused_).push_back(text);
    });
  }
  std::string url(const std::string& path) const {
    return "https://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  static std::string set(std::string_view kid) {
    return R"({"keys":[{"kty":"EC","crv":"P-256","kid":")" + std::string(kid) +
           R"(","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
           R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})";
  }
  void answers(std::string body, int status = 200) {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
    status_ = status;
  }
  net::Task<net::Response> answer(net::Request request) {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holds_; });
    if (request.target.ends_with("/.well-known/openid-configuration")) {
      co_return net::text_response(200, "application/json",
                                   "{\"jwks_uri\":\"" + url("/discovered") + "\"}");
    }
    if (request.target == "/provider") co_return net::text_response(404, "", "");
    co_return net::text_response(status_, "application/json", body_);
  }
  /// From now on nothing is answered, or again everything.
  void holds(bool all) {
    const std::lock_guard lock(mutex_);
    holds_ = all;
    changed_.notify_all();
  }
  void wait_until_asked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= times; });
  }
  Watched jwk_set_at(const std::string& source, Watch& watch) {
    Watched out;
    out.name = "keys";
    out.sources = {{Kind::jwk_set, source}};
    out.take = [this, source, &watch](Time) -> Result<void> {
      ++reads_;
      auto loaded = load_jwk_set(source, watch.texts());
      if (!loaded.ok()) return std::move(loaded).error();
      in_force_ = loaded->keys().front().kid.value_or("");
      return {};
    };
    return out;
  }

  TestAuthority authority_;
  std::mutex mutex_;
  std::string body_ = set("one");
  int status_ = 200;
  std::atomic<int> asked_ = 0;
  bool holds_ = false;
  std::condition_variable changed_;
  std::unique_ptr<LoopbackServer> server_;
  std::unique_ptr<net::HttpClient> trusting_;
  std::optional<Watch> watch_by_url_;
};

void fetch_and_look(Watch& watch, Time now) {
  watch.fetch(now);
  watch.look(now);
}

TEST_F(WatchingUrls, a_set_is_fetched_once_in_five_minutes_and_taken_when_it_is_another) {
  // The provider is asked itself, then for its configuration, then for the set that it names.
  for (const auto& [path, questions] : {std::pair("/jwks", 1), std::pair("/provider", 3)}) {
    SCOPED_TRACE(path);
    answers(set("one"));
    reloaded_.clear();
    reads_ = asked_ = 0;
    Watch watch(*trusting_,
                [this](Watch::Outcome, const std::string& t) { reloaded_.push_back(t); });
    ASSERT_TRUE(watch.start(jwk_set_at(url(path), watch), kNow).ok());
    EXPECT_EQ(in_force_, "one");
    EXPECT_EQ(asked_, questions);
    answers(set("two"));
    fetch_and_look(watch, kNow + seconds(299));
    EXPECT_EQ(in_force_, "one");
    EXPECT_EQ(asked_, questions);
    fetch_and_look(watch, kNow + seconds(300));
    EXPECT_EQ(in_force_, "two");
    EXPECT_EQ(asked_, 2 * questions);
    EXPECT_EQ(reloaded_, Lines{"keys reloaded"});
    fetch_and_look(watch, kNow + seconds(599));
    EXPECT_EQ(asked_, 2 * questions);
    fetch_and_look(watch, kNow + seconds(600));
    EXPECT_EQ(asked_, 3 * questions);
    EXPECT_EQ(reads_, 2) << "it was the same";
  }
}

TEST_F(WatchingUrls, a_url_that_two_name_is_fetched_once_for_both) {
  ASSERT_TRUE(watch_by_url_->start(jwk_set_at(url("/jwks"), *watch_by_url_), kNow).ok());
  Watched other = jwk_set_at(url("/jwks"), *watch_by_url_);
  other.name = "others";
  ASSERT_TRUE(watch_by_url_->start(std::move(other), kNow).ok());
  EXPECT_EQ(asked_, 1);
  answers(set("two"));
  fetch_and_look(*watch_by_url_, kNow + kBetweenFetches);
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(reloaded_, (Lines{"keys reloaded", "others reloaded"}));
  answers("", 500);
  fetch_and_look(*watch_by_url_, kNow + 2 * kBetweenFetches);
  ASSERT_EQ(refused_.size(), 1U);
  EXPECT_TRUE(refused_[0].starts_with("keys, others cannot be fetched")) << refused_[0];
}

TEST_F(WatchingUrls, a_file_does_not_wait_for_a_url) {
  replace(dir_ / "a", "one");
  ASSERT_TRUE(watch_by_url_->start(jwk_set_at(url("/jwks"), *watch_by_url_), kNow).ok());
  ASSERT_TRUE(watch_by_url_->start(joined({dir_ / "a"}), kNow).ok());
  holds(true);
  std::jthread fetching(
      [&](const std::stop_token& stop) { watch_by_url_->fetch(kNow + kBetweenFetches, stop); });
  wait_until_asked(2);
  replace(dir_ / "a", "two");
  watch_by_url_->look(kNow + kBetweenFetches);
  EXPECT_EQ(in_force_, "two");
  EXPECT_EQ(asked_, 2);
  holds(false);
}

TEST_F(WatchingUrls, what_is_being_fetched_ends_when_it_is_asked_to) {
  holds(true);
  std::stop_source stop;
  std::jthread stopping([&] {
    wait_until_asked(1);
    stop.request_stop();
  });
  AskedAnew asked(*trusting_, stop.get_token());
  const auto answer = asked.of({Kind::text, url("/jwks")});
  ASSERT_TRUE(answer.error().is(Errc::jwks_unavailable));
  EXPECT_NE(answer.error().detail().find("net.transfer_failed"), std::string::npos)
      << answer.error().to_string() << ": not for the time it took";
  holds(false);
}

TEST_F(WatchingUrls, a_lookout_that_ends_tells_of_no_outage) {
  ASSERT_TRUE(watch_by_url_->start(jwk_set_at(url("/jwks"), *watch_by_url_), kNow).ok());
  holds(true);
  const FixedClock clock(kNow + kBetweenFetches);
  {
    const Lookout lookout(*watch_by_url_, clock);
    wait_until_asked(2);
  }
  EXPECT_TRUE(refused_.empty());
  holds(false);
}

TEST_F(WatchingUrls, what_cannot_be_fetched_is_told_once_and_the_last_good_set_stays) {
  ASSERT_TRUE(watch_by_url_->start(jwk_set_at(url("/jwks"), *watch_by_url_), kNow).ok());
  Time now = kNow;
  const std::vector<std::pair<std::string, int>> useless = {
      {"", 500}, {"{}", 200}, {R"({"keys":[]})", 200}, {"<html>", 200}};
  for (const auto& [body, status] : useless) {
    answers(body, status);
    fetch_and_look(*watch_by_url_, now += kBetweenFetches);
    EXPECT_EQ(in_force_, "one") << body;
  }
  ASSERT_EQ(refused_.size(), 1U) << "an outage is one event";
  EXPECT_TRUE(
      refused_[0].starts_with("keys cannot be fetched, the last good one stays in force: "
                              "reload.jwks_"))
      << refused_[0];
  answers(set("one"));
  fetch_and_look(*watch_by_url_, now += kBetweenFetches);
  EXPECT_TRUE(reloaded_.empty()) << "the same set as before";
  answers(set("two"));
  fetch_and_look(*watch_by_url_, now += kBetweenFetches);
  EXPECT_EQ(in_force_, "two");
  answers("", 500);
  fetch_and_look(*watch_by_url_, now += kBetweenFetches);
  EXPECT_EQ(refused_.size(), 2U) << "the next outage is another";
}

TEST_F(WatchingUrls, a_clock_that_was_set_back_does_not_end_the_looking) {
  ASSERT_TRUE(watch_by_url_->start(jwk_set_at(url("/jwks"), *watch_by_url_), kNow).ok());
  answers(set("two"));
  fetch_and_look(*watch_by_url_, kNow - seconds(86'400));
  EXPECT_EQ(in_force_, "two");
}

TEST_F(WatchingUrls, a_set_that_cannot_be_fetched_stops_the_start) {
  answers("", 500);
  const auto started = watch_by_url_->start(jwk_set_at(url("/jwks"), *watch_by_url_), kNow);
  ASSERT_FALSE(started.ok());
  EXPECT_TRUE(started.error().is(Errc::jwks_unavailable));
}

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
