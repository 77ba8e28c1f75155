#include "k8s/lease.h"

#include <gtest/gtest.h>

#include "tests/support/fixed_clock.h"
#include "tests/support/instant_pace.h"

namespace trustee::k8s {
namespace {

using std::chrono::seconds;

/// The one Lease of an API server that counts its versions and refuses stale ones.
class LeaseServer final : public Transport {
 public:
  Result<HttpAnswer> exchange(const HttpRequest& r, const std::stop_token&) override {
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
    if (!creates && metadata_text(sent, "resourceVersion") != std::to_string(version)) {
      return HttpAnswer{.status = 409, .body = R"({"reason":"Conflict"})"};
    }
    ++writes;
    sent.find("metadata")->as_object()->set("resourceVersion", std::to_string(++version));
    lease = sent;
    return HttpAnswer{.status = 200, .body = json::write(lease)};
  }
  Result<HttpAnswer> stream(const HttpRequest&, const Sink&, const std::stop_token&) override {
    return Errc::unavailable;
  }
  std::string spec() const {
    const json::Value* spec = lease.find("spec");
    return spec == nullptr ? "none" : json::write_sorted(*spec);
  }

  json::Object lease;
  int version = 0;
  int writes = 0;
  bool down = false;
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

TEST(MicroTime, has_six_digits) {
  EXPECT_EQ(micro_time(from_unix_seconds(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(micro_time(from_unix_seconds(1) + std::chrono::microseconds(999999)),
            "1970-01-01T00:00:01.999999Z");
}

}  // namespace
}  // namespace trustee::k8s
