#include "fetch/vendor.h"

#include <gtest/gtest.h>

#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"

namespace trustee::fetch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Answers at once and notes when it was asked.
class NotingGet final : public HttpGet {
 public:
  explicit NotingGet(FixedClock& clock) : clock_(clock) {}
  Result<HttpAnswer> get(const std::string& /*url*/, Duration /*timeout*/) override {
    asked.push_back(clock_.now());
    clock_.advance(milliseconds(700));  // the time it takes
    return HttpAnswer{status, headers, {}};
  }
  int status = 200;
  net::Headers headers;
  std::vector<Time> asked;

 private:
  FixedClock& clock_;
};

class VendorService : public ::testing::Test {
 protected:
  Vendor vendor(Duration interval) {
    return {{{4, milliseconds(200), seconds(5)}, seconds(10), interval}, http_, waiting_, clock_};
  }
  FixedClock clock_{kNow};
  FakeWaiting waiting_{clock_};
  NotingGet http_{clock_};
};

TEST_F(VendorService, ARateLimitOfOneInTenSecondsIsNeverExceeded) {
  Vendor v = vendor(seconds(10));
  int refused = 0;
  for (int i = 0; i < 50; ++i) {
    const auto answer = v.get("http://kds/" + std::to_string(i), clock_.now() + seconds(20));
    if (!answer.ok()) {
      EXPECT_TRUE(answer.error().is(Errc::overloaded));
      ++refused;
    }
  }
  ASSERT_GT(http_.asked.size(), 10U);
  for (std::size_t i = 1; i < http_.asked.size(); ++i) {
    EXPECT_GE(http_.asked[i] - http_.asked[i - 1], seconds(10)) << i;
  }
  EXPECT_EQ(refused, 0) << "each waits for its turn within its deadline";
}

TEST_F(VendorService, WhoseTurnComesTooLateIsRefusedWithoutWaiting) {
  Vendor v = vendor(seconds(10));
  ASSERT_TRUE(v.get("http://kds/1", clock_.now() + seconds(5)).ok());
  const auto late = v.get("http://kds/2", clock_.now() + seconds(5));
  ASSERT_FALSE(late.ok());
  EXPECT_TRUE(late.error().is(Errc::overloaded));
  EXPECT_TRUE(waiting_.pauses().empty());
  EXPECT_EQ(http_.asked.size(), 1U);
}

TEST_F(VendorService, TheRestThatOneAnswerAsksForHoldsForAllQuestions) {
  Vendor v = vendor(Duration::zero());
  http_.status = 429;
  http_.headers.add("retry-after", "30");
  EXPECT_TRUE(v.get("http://pcs/1", clock_.now() + seconds(5)).error().is(Errc::overloaded));
  http_.status = 200;
  EXPECT_TRUE(v.get("http://pcs/2", clock_.now() + seconds(5)).error().is(Errc::overloaded));
  EXPECT_EQ(http_.asked.size(), 1U);
  ASSERT_TRUE(v.get("http://pcs/2", clock_.now() + seconds(60)).ok());
  EXPECT_GE(http_.asked[1] - http_.asked[0], seconds(30));
}

TEST_F(VendorService, ARestUntilADateIsObeyed) {
  Vendor v = vendor(Duration::zero());
  http_.status = 503;
  http_.headers.add("retry-after", "Tue, 24 Nov 2026 06:01:00 GMT");  // a minute after kNow
  EXPECT_FALSE(v.get("http://pcs/1", clock_.now() + seconds(5)).ok());
  http_.status = 200;
  ASSERT_TRUE(v.get("http://pcs/1", clock_.now() + seconds(90)).ok());
  EXPECT_GE(http_.asked.back(), kNow + seconds(60));
}

TEST(KdsPace, AmdsOwnServiceIsAskedOnceInTenSecondsAndMirrorsAsOftenAsNeeded) {
  EXPECT_EQ(kds_vendor_settings("https://kdsintf.amd.com").interval, seconds(10));
  EXPECT_EQ(kds_vendor_settings("https://mirror.example").interval, Duration::zero());
}

}  // namespace
}  // namespace trustee::fetch
