// What is named by URLs.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "reload/key_sources.h"
#include "reload/watch_testbed.h"
#include "tests/support/loopback.h"
#include "tests/support/test_certificates.h"

namespace trustee::reload {
namespace {

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

}  // namespace
}  // namespace trustee::reload
