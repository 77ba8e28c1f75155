#include "fetch/kds.h"

#include <gtest/gtest.h>

#include "amd/errors.h"
#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"

namespace trustee::fetch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A client of one fake service, with time standing still.
class KdsClient : public ::testing::Test {
 protected:
  Result<ByteVec> fetch(FakeKds& service, Duration deadline = seconds(60)) {
    Kds kds = rim_.kds(service, {{4, milliseconds(200), seconds(5)}, attempt_timeout_, {}});
    return kds.vcek(genoa_request(), rim_.clock.now() + deadline);
  }
  /// The code when every answer is `answer`, and how often it was asked.
  std::pair<std::string, std::size_t> failing_with(FakeAnswer a) {
    FakeKds service(InTurn({std::move(a)}));
    const auto result = fetch(service);
    return {result.ok() ? "answered" : result.error().code().id(), service.requests().size()};
  }

  Rim rim_;
  Duration attempt_timeout_ = VendorSettings{}.attempt_timeout;  ///< in time of the machine
};

TEST_F(KdsClient, AsksForTheChipAndTcbAndReturnsTheBytes) {
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  EXPECT_EQ(fetch(service).value(), genoa_vcek());
  ASSERT_EQ(service.requests().size(), 1U);
  EXPECT_EQ(service.requests()[0], amd::kds_vcek_url("", genoa_request()).value());
}

TEST_F(KdsClient, ObeysRetryAfterOnOverload) {
  FakeKds service(InTurn({answer(429, {}, "Retry-After: 7\r\n"), answer(503), answer(200, {1})}));
  EXPECT_EQ(fetch(service).value(), ByteVec{1});
  EXPECT_EQ(rim_.waiting.pauses(), (std::vector<Duration>{seconds(7), milliseconds(400)}));
}

TEST_F(KdsClient, GivesUpWhenTheServiceWantsMoreTimeThanThereIs) {
  FakeKds service(InTurn({answer(429, {}, "Retry-After: 3600\r\n")}));
  const auto result = fetch(service);
  EXPECT_TRUE(result.error().is(Errc::overloaded));
  EXPECT_EQ(service.requests().size(), 1U);
  EXPECT_TRUE(rim_.waiting.pauses().empty());
}

TEST_F(KdsClient, DoesNotAskTwiceForWhatIsAbsent) {
  EXPECT_EQ(failing_with(answer(404)), std::pair(std::string("fetch.not_found"), std::size_t{1}));
  EXPECT_EQ(failing_with(answer(400)), std::pair(std::string("fetch.not_found"), std::size_t{1}));
}

TEST_F(KdsClient, AsksAFailingServiceABoundedNumberOfTimes) {
  EXPECT_EQ(failing_with(answer(500)),
            std::pair(std::string("fetch.service_failed"), std::size_t{4}));
  EXPECT_EQ(rim_.waiting.pauses(),
            (std::vector<Duration>{milliseconds(200), milliseconds(400), milliseconds(800)}));
}

TEST_F(KdsClient, BrokenAnswersCountAsFailures) {
  using How = FakeAnswer::How;
  EXPECT_EQ(failing_with({How::truncated, 200, genoa_vcek(), {}}).first, "fetch.unreachable");
  EXPECT_EQ(failing_with({How::garbage, 200, {}, {}}).first, "fetch.unreachable");
  EXPECT_EQ(failing_with({How::closes, 200, {}, {}}).first, "fetch.unreachable");
}

TEST_F(KdsClient, AHangingServiceIsLeftAfterTheAttemptsTimeout) {
  attempt_timeout_ = milliseconds(300);
  EXPECT_EQ(failing_with({FakeAnswer::How::hangs, 200, {}, {}}).first, "fetch.unreachable");
}

TEST_F(KdsClient, RecoversWhenTheServiceDoes) {
  FakeKds service(InTurn({{FakeAnswer::How::truncated, 200, genoa_vcek(), {}},
                          {FakeAnswer::How::closes, 200, {}, {}},
                          answer(200, genoa_vcek())}));
  EXPECT_EQ(fetch(service).value(), genoa_vcek());
}

TEST_F(KdsClient, DoesNotStartAfterItsDeadline) {
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  EXPECT_TRUE(fetch(service, seconds(0)).error().is(Errc::deadline_exceeded));
  EXPECT_TRUE(service.requests().empty());
}

TEST_F(KdsClient, AMaskedChipIdIsNotSent) {
  FakeKds service(InTurn({answer(200)}));
  Kds kds = rim_.kds(service);
  amd::VcekRequest masked = genoa_request();
  masked.chip_id = {};
  EXPECT_TRUE(kds.vcek(masked, kNow + seconds(9)).error().is(amd::Errc::hardware_id_zero));
  EXPECT_TRUE(service.requests().empty());
}

}  // namespace
}  // namespace trustee::fetch
