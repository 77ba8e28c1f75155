#include <string>
#include <vector>

#include "kbs/errors.h"
#include "net/errors.h"
#include "serve/testbed.h"

// How often a challenge may be answered, and what counts while requests are under way.

namespace trustee::serve {
namespace {

TEST(App, attempts_per_challenge_are_bounded) {
  Testbed kbs;
  TestGuest guest(kbs);
  guest.auth();
  const std::string nonce = guest.nonce;
  guest.nonce = "b3RoZXI=";
  for (std::uint32_t i = 0; i < kbs::AttemptLedger::kMaxAttempts; ++i) {
    ASSERT_EQ(code_of(guest.attest()), "kbs.nonce_mismatch");
  }
  guest.nonce = nonce;
  EXPECT_EQ(code_of(guest.attest()), "kbs.attempts_exhausted");
  guest.auth();
  EXPECT_EQ(guest.attest().status, 200) << "a new challenge is a new beginning";
}

// Before it refuses, it makes one more attempt itself, so that all are under way at once.
class NestedEvaluator final : public Evaluator {
 public:
  net::Task<Result<std::string>> evaluate(Context&, std::vector<kbs::EvidenceItem>) override {
    asked += 1;
    if (asked < 3 * kbs::AttemptLedger::kMaxAttempts) last = code_of(guest->attest());
    co_return Error(kbs::Errc::too_many_rounds);
  }
  TestGuest* guest = nullptr;
  std::uint32_t asked = 0;
  std::string last;  // what the innermost attempt was answered
};

TEST(App, attempts_under_way_at_once_count_before_they_end) {
  NestedEvaluator evaluator;
  Testbed kbs({.evaluator = &evaluator});
  TestGuest guest(kbs);
  evaluator.guest = &guest;
  guest.auth();
  EXPECT_EQ(code_of(guest.attest()), "kbs.too_many_rounds");
  EXPECT_EQ(evaluator.asked, kbs::AttemptLedger::kMaxAttempts);
  EXPECT_EQ(code_of(guest.attest()), "kbs.attempts_exhausted");
}

TEST(App, want_of_room_costs_a_challenge_no_attempt) {
  ScriptedEvaluator evaluator;
  evaluator.error = Error(net::Errc::pool_full);
  Testbed kbs({.evaluator = &evaluator});
  TestGuest guest(kbs);
  guest.auth();
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(guest.attest().status, 503);
  }
  evaluator.error.reset();
  evaluator.token = header_key_token(R"({"exp":1795000100})");
  EXPECT_EQ(guest.attest().status, 200);
}

/// Looks at the gauge of requests under way while it is asked.
class CountingEvaluator final : public Evaluator {
 public:
  net::Task<Result<std::string>> evaluate(Context&, std::vector<kbs::EvidenceItem>) override {
    seen = gauge->value();
    co_return Error(net::Errc::pool_full);
  }
  metrics::Gauge* gauge = nullptr;
  std::int64_t seen = -1;
};

TEST(App, requests_under_way_are_counted_while_they_are) {
  CountingEvaluator evaluator;
  Testbed kbs({.evaluator = &evaluator});
  evaluator.gauge = &kbs.metrics.http_active_connections;
  TestGuest guest(kbs);
  guest.auth();
  EXPECT_EQ(guest.attest().status, 503);
  EXPECT_EQ(evaluator.seen, 1);
  EXPECT_EQ(evaluator.gauge->value(), 0);
  auto never_run = kbs.app->handle({.method = "GET", .target = "/kbs/v0/x", .peer = {}, .id = {}});
  EXPECT_EQ(evaluator.gauge->value(), 0);
}

}  // namespace
}  // namespace trustee::serve
