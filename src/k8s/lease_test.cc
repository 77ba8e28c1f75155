#include "k8s/lease.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/support/fixed_clock.h"
#include "tests/support/instant_pace.h"

namespace trustee::k8s {
namespace {

using std::chrono::seconds;

/// The one Lease of an API server that counts its versions and refuses stale ones.
class LeaseServer final : public Transport {
 public:
  Result<HttpAnswer> exchange(const HttpRequest& r, const std::stop_token&) override {
    if (before_exchange) before_exchange();
    const std::lock_guard lock(mutex);
    if (down) return Errc::unavailable;
    if (r.method == "GET") {
      if (lease.empty()) return HttpAnswer{.status = 404, .body = "{}"};
      return HttpAnswer{.status = 200, .body = json::write(lease)};
    }
    json::Object sent = *json::parse(r.body)->as_object();
    const bool creates = r.method == "POST";
    if (creates && !lease.empty()) {
      return HttpAnswer{.status = 409, .body = R"({"reason":"AlreadyExists"})"};
    }
    const bool stale = metadata_text(sent, "resourceVersion") != std::to_string(version);
    if (!creates && (stale || take_one(conflicts))) {
      return HttpAnswer{.status = 409, .body = R"({"reason":"Conflict"})"};
    }
    ++writes;
    sent.find("metadata")->as_object()->set("resourceVersion", std::to_string(++version));
    lease = sent;
    if (take_one(lost_answers)) return Errc::unavailable;
    return HttpAnswer{.status = 200, .body = json::write(lease)};
  }
  Result<HttpAnswer> stream(const HttpRequest&, const Sink&, const std::stop_token&) override {
    return Errc::unavailable;
  }
  static bool take_one(std::atomic<int>& left) {
    if (left == 0) return false;
    --left;
    return true;
  }
  std::string spec() const {
    const std::lock_guard lock(mutex);
    const json::Value* spec = lease.find("spec");
    return spec == nullptr ? "none" : json::write_sorted(*spec);
  }

  json::Object lease;
  int version = 0;
  int writes = 0;
  std::atomic<int> conflicts = 0;     ///< so many updates are refused
  std::atomic<int> lost_answers = 0;  ///< so many writes are done without a word
  std::atomic<bool> down = false;
  std::function<void()> before_exchange;  ///< set before threads begin
  mutable std::mutex mutex;
};

/// Opened once, waited for by another thread.
class Latch {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    wake_.notify_all();
  }
  /// Gives up after a while, so that a failing test ends.
  bool wait() {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, seconds(20), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool open_ = false;
};

class Elections : public ::testing::Test {
 protected:
  Election candidate(std::string name) {
    return Election(client_, clock_, {"n", "lock"}, std::move(name));
  }
  static std::string outcome(const Result<bool>& got) {
    if (!got.ok()) return std::string(got.error().code().name());
    return *got ? "held" : "not held";
  }
  void pass(seconds time) {
    pace_.advance(time);
    clock_.advance(time);
  }

  LeaseServer server_;
  InstantPace pace_;
  std::stop_source stop_;
  Client client_{server_, pace_, stop_.get_token(), {}, {.attempts = 1}};
  FixedClock clock_{from_unix_seconds(1'800'000'000) + std::chrono::microseconds(42)};
};

// Expected shapes: operator.md section 11.6. 1800000000 is 2027-01-15T08:00:00Z.
TEST_F(Elections, the_first_makes_the_lease) {
  auto a = candidate("a");
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_EQ(server_.spec(), R"({"acquireTime":"2027-01-15T08:00:00.000042Z","holderIdentity":"a",)"
                            R"("leaseDurationSeconds":15,"leaseTransitions":0,)"
                            R"("renewTime":"2027-01-15T08:00:00.000042Z"})");
}

TEST_F(Elections, the_holder_renews_only_the_time) {
  auto a = candidate("a");
  EXPECT_EQ(outcome(a.attempt()), "held");
  pass(seconds(2));
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_EQ(server_.spec(), R"({"acquireTime":"2027-01-15T08:00:00.000042Z","holderIdentity":"a",)"
                            R"("leaseDurationSeconds":15,"leaseTransitions":0,)"
                            R"("renewTime":"2027-01-15T08:00:02.000042Z"})");
}

TEST_F(Elections, another_waits_until_the_lease_did_not_move_for_15_s_of_its_own_clock) {
  auto a = candidate("a");
  auto b = candidate("b");
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_EQ(outcome(b.attempt()), "not held");
  pass(seconds(14));
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_EQ(outcome(b.attempt()), "not held");
  pass(seconds(14));
  EXPECT_EQ(outcome(b.attempt()), "not held");
  pass(seconds(1));
  EXPECT_EQ(outcome(b.attempt()), "held");
  EXPECT_EQ(server_.spec(), R"({"acquireTime":"2027-01-15T08:00:29.000042Z","holderIdentity":"b",)"
                            R"("leaseDurationSeconds":15,"leaseTransitions":1,)"
                            R"("renewTime":"2027-01-15T08:00:29.000042Z"})");
  EXPECT_EQ(outcome(a.attempt()), "not held");
}

TEST_F(Elections, a_lease_given_up_is_taken_at_once) {
  auto a = candidate("a");
  auto b = candidate("b");
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_EQ(outcome(b.attempt()), "not held");
  EXPECT_TRUE(a.release().ok());
  EXPECT_EQ(server_.spec(), R"({"acquireTime":"2027-01-15T08:00:00.000042Z","holderIdentity":"",)"
                            R"("leaseDurationSeconds":1,"leaseTransitions":0,)"
                            R"("renewTime":"2027-01-15T08:00:00.000042Z"})");
  EXPECT_EQ(outcome(b.attempt()), "held");
}

TEST_F(Elections, of_two_at_once_one_gets_it) {
  auto a = candidate("a");
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_TRUE(a.release().ok());
  ++server_.version;  // somebody writes between its read and its write
  auto b = candidate("b");
  EXPECT_EQ(outcome(b.attempt()), "not held");
}

TEST_F(Elections, what_was_never_held_is_not_given_up) {
  auto b = candidate("b");
  EXPECT_TRUE(b.release().ok());
  EXPECT_EQ(server_.writes, 0);
}

TEST_F(Elections, holding_ends_with_a_stop_and_gives_the_lease_up_last) {
  auto a = candidate("a");
  std::string order;
  ElectionCalls calls;
  calls.on_leading = [&] {
    order += "leading ";
    stop_.request_stop();
  };
  calls.on_stopping = [&] {
    order += server_.spec().find("\"a\"") != std::string::npos ? "held " : "gone ";
  };
  EXPECT_TRUE(a.hold(stop_.get_token(), calls).ok());
  EXPECT_EQ(order, "leading held ");
  EXPECT_NE(server_.spec().find("\"holderIdentity\":\"\""), std::string::npos);
}

TEST_F(Elections, not_renewed_for_10_s_is_lost) {
  auto a = candidate("a");
  const Instant began = pace_.now();
  int troubles = 0;
  ElectionCalls calls;
  calls.on_leading = [&] { server_.down = true; };
  calls.on_trouble = [&](const Error&) { ++troubles; };
  const auto done = a.hold(stop_.get_token(), calls);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::lease_lost));
  EXPECT_GE(pace_.now() - began, seconds(10));
  EXPECT_LT(pace_.now() - began, seconds(13));
  EXPECT_GT(troubles, 3);
}

TEST_F(Elections, taken_by_another_is_lost_at_once) {
  auto a = candidate("a");
  ElectionCalls calls;
  calls.on_leading = [&] {
    server_.lease.find("spec")->as_object()->set("holderIdentity", "b");
    ++server_.version;
    server_.lease.find("metadata")
        ->as_object()
        ->set("resourceVersion", std::to_string(server_.version));
  };
  const auto done = a.hold(stop_.get_token(), calls);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::lease_lost));
  EXPECT_LT(pace_.slept().size(), 3U);
}

TEST_F(Elections, a_conflict_after_the_lease_was_made_anew_is_no_loss) {
  auto a = candidate("a");
  auto b = candidate("b");
  EXPECT_EQ(outcome(b.attempt()), "held");
  EXPECT_EQ(outcome(a.attempt()), "not held");  // a has seen b
  server_.lease = json::Object();               // somebody deletes the lease
  int left = 3;
  ElectionCalls calls;
  calls.on_leading = [&] { server_.conflicts = 1; };
  server_.before_exchange = [&] {
    if (server_.conflicts == 0 && server_.writes > 1 && --left == 0) stop_.request_stop();
  };
  EXPECT_TRUE(a.hold(stop_.get_token(), calls).ok());
}

TEST_F(Elections, anothers_deleted_lease_is_not_made_anew_before_its_duration_is_over) {
  auto a = candidate("a");
  auto b = candidate("b");
  EXPECT_EQ(outcome(a.attempt()), "held");
  server_.lease.find("spec")->as_object()->set("leaseDurationSeconds", 30);
  EXPECT_EQ(outcome(b.attempt()), "not held");
  server_.lease = json::Object();
  EXPECT_EQ(outcome(b.attempt()), "not held");
  pass(seconds(29));
  EXPECT_EQ(outcome(b.attempt()), "not held");
  EXPECT_EQ(server_.spec(), "none");
  pass(seconds(1));
  EXPECT_EQ(outcome(b.attempt()), "held");
  EXPECT_EQ(server_.spec(), R"({"acquireTime":"2027-01-15T08:00:30.000042Z","holderIdentity":"b",)"
                            R"("leaseDurationSeconds":15,"leaseTransitions":0,)"
                            R"("renewTime":"2027-01-15T08:00:30.000042Z"})");
}

TEST_F(Elections, the_holder_makes_its_deleted_lease_anew_at_once) {
  auto a = candidate("a");
  EXPECT_EQ(outcome(a.attempt()), "held");
  server_.lease = json::Object();
  EXPECT_EQ(outcome(a.attempt()), "held");
  EXPECT_EQ(server_.writes, 2);
}

TEST_F(Elections, a_lease_that_may_have_been_got_without_an_answer_is_given_up_when_stopped) {
  auto a = candidate("a");
  server_.lost_answers = 1;
  int led = 0;
  ElectionCalls calls;
  calls.on_leading = [&] { ++led; };
  calls.on_trouble = [this](const Error&) { stop_.request_stop(); };
  EXPECT_TRUE(a.hold(stop_.get_token(), calls).ok());
  EXPECT_EQ(led, 0);
  EXPECT_EQ(server_.writes, 2);
  EXPECT_NE(server_.spec().find("\"holderIdentity\":\"\""), std::string::npos);
}

TEST_F(Elections, giving_up_is_tried_again) {
  auto a = candidate("a");
  server_.lost_answers = 1;
  ElectionCalls calls;
  calls.on_trouble = [this](const Error&) {
    server_.conflicts = 2;
    stop_.request_stop();
  };
  EXPECT_TRUE(a.hold(stop_.get_token(), calls).ok());
  EXPECT_EQ(server_.conflicts, 0);
  EXPECT_EQ(server_.writes, 2);
  EXPECT_NE(server_.spec().find("\"holderIdentity\":\"\""), std::string::npos);
}

TEST_F(Elections, giving_up_ends_where_nobody_answers) {
  auto a = candidate("a");
  server_.lost_answers = 1;
  int asked = 0;
  server_.before_exchange = [&] { ++asked; };
  ElectionCalls calls;
  calls.on_trouble = [&](const Error&) {
    server_.down = true;
    asked = 0;
    stop_.request_stop();
  };
  const auto done = a.hold(stop_.get_token(), calls);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::unavailable));
  EXPECT_EQ(asked, 3);
}

TEST_F(Elections, a_renewal_without_an_answer_is_still_given_up) {
  auto a = candidate("a");
  EXPECT_EQ(outcome(a.attempt()), "held");
  server_.lost_answers = 1;
  EXPECT_EQ(outcome(a.attempt()), "unavailable");
  EXPECT_TRUE(a.release().ok());
  EXPECT_NE(server_.spec().find("\"holderIdentity\":\"\""), std::string::npos);
}

TEST_F(Elections, anothers_lease_is_not_given_up) {
  auto a = candidate("a");
  EXPECT_EQ(outcome(a.attempt()), "held");
  server_.lease.find("spec")->as_object()->set("holderIdentity", "b");
  const int before = server_.writes;
  EXPECT_TRUE(a.release().ok());
  EXPECT_EQ(server_.writes, before);
}

/// The requests of a program in service: tried five times, each for half a minute.
class SlowElections : public Elections {
 protected:
  SlowElections() {
    server_.before_exchange = [this] {
      if (!slow_) return;
      pace_.advance(seconds(30));
      if (++slow_exchanges_ == 1) told_in_time_ = lost_.wait();
    };
    calls_.on_lost = [this](const Error& error) {
      EXPECT_TRUE(error.is(Errc::lease_lost));
      ++losses_;
      lost_.open();
    };
  }
  Client patient_{server_, pace_, {}};
  Election a_{patient_, clock_, {"n", "lock"}, "a"};
  ElectionCalls calls_;
  Latch lost_;
  std::atomic<bool> slow_ = false;
  std::atomic<int> slow_exchanges_ = 0;
  std::atomic<bool> told_in_time_ = false;
  std::atomic<int> losses_ = 0;
};

TEST_F(SlowElections, the_deadline_is_told_amid_the_first_slow_exchange) {
  calls_.on_leading = [this] {
    server_.down = true;
    slow_ = true;
  };
  const auto done = a_.hold(stop_.get_token(), calls_);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::lease_lost));
  EXPECT_TRUE(told_in_time_);
  EXPECT_EQ(losses_, 1);
}

TEST_F(SlowElections, a_renewal_that_comes_after_the_deadline_does_not_count) {
  calls_.on_leading = [this] { slow_ = true; };
  const auto done = a_.hold(stop_.get_token(), calls_);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::lease_lost));
  EXPECT_TRUE(told_in_time_);
  EXPECT_EQ(losses_, 1);
}

TEST_F(SlowElections, a_lease_won_too_late_is_not_led_by_and_given_up) {
  slow_ = true;
  lost_.open();
  int led = 0;
  calls_.on_leading = [&] { ++led; };
  calls_.on_trouble = [this](const Error&) {
    server_.down = false;
    stop_.request_stop();
  };
  server_.before_exchange = [this] {
    pace_.advance(seconds(30));
    if (++slow_exchanges_ == 6) server_.down = true;
  };
  EXPECT_TRUE(a_.hold(stop_.get_token(), calls_).ok());
  EXPECT_EQ(led, 0);
  EXPECT_EQ(server_.writes, 3);
  EXPECT_NE(server_.spec().find("\"holderIdentity\":\"\""), std::string::npos);
}

TEST_F(SlowElections, the_deadline_holds_while_work_is_being_finished) {
  calls_.on_leading = [this] { stop_.request_stop(); };
  calls_.on_stopping = [this] {
    slow_ = true;  // from now on nothing is renewed in time
    EXPECT_TRUE(lost_.wait());
  };
  const auto done = a_.hold(stop_.get_token(), calls_);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::lease_lost));
  EXPECT_EQ(losses_, 1);
}

TEST_F(Elections, the_lease_is_renewed_while_work_is_being_finished) {
  auto a = candidate("a");
  Latch renewed;
  std::atomic<int> exchanges = 0;
  std::atomic<bool> stopping = false;
  server_.before_exchange = [&] {
    if (stopping && ++exchanges == 20) renewed.open();  // ten renewals: 20 s
  };
  ElectionCalls calls;
  calls.on_leading = [&] { stop_.request_stop(); };
  calls.on_stopping = [&] {
    stopping = true;
    EXPECT_TRUE(renewed.wait());
  };
  EXPECT_TRUE(a.hold(stop_.get_token(), calls).ok());
  EXPECT_NE(server_.spec().find("\"holderIdentity\":\"\""), std::string::npos);
}

TEST(MicroTime, has_six_digits) {
  EXPECT_EQ(micro_time(from_unix_seconds(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(micro_time(from_unix_seconds(1) + std::chrono::microseconds(999999)),
            "1970-01-01T00:00:01.999999Z");
}

}  // namespace
}  // namespace trustee::k8s
