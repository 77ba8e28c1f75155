#include "fetch/crl.h"

#include <gtest/gtest.h>

#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"

namespace trustee::fetch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

ByteVec list(const std::string& name) { return file_bytes(amd::pki(name)); }

class CrlFetching : public ::testing::Test {
 protected:
  CrlFetcher fetcher(const FakeKds& service) {
    return {
        CrlFetcher::Settings{{service.url(), {1, milliseconds(1), seconds(1)}, milliseconds(500)},
                             {50, hours(24), Duration::zero()},
                             seconds(30)},
        *http_, waiting_, clock_};
  }
  Result<amd::ArkCrl> get(CrlFetcher& f, amd::Product product = amd::Product::genoa) {
    return f.get(product, amd::VekKind::vcek, amd::test_roots(), clock_.now() + seconds(20));
  }

  FixedClock clock_{kNow};
  FakeWaiting waiting_{clock_};
  std::unique_ptr<NetGet> http_ = net_get();
};

TEST_F(CrlFetching, AsksOncePerDayAndServesFromMemory) {
  FakeKds service(InTurn({answer(200, list("crl-genoa-clean.der"))}));
  CrlFetcher f = fetcher(service);
  ASSERT_TRUE(get(f).ok());
  ASSERT_TRUE(get(f).ok());
  EXPECT_EQ(service.requests(), std::vector<std::string>{"/vcek/v1/Genoa/crl"});
  clock_.advance(hours(24));
  ASSERT_TRUE(get(f).ok());
  EXPECT_EQ(service.requests().size(), 2U);
}

TEST_F(CrlFetching, TheLastGoodListServesDuringAnOutageUntilItsEnd) {
  FakeKds service(InTurn({answer(200, list("crl-genoa-clean.der")), answer(500)}));
  CrlFetcher f = fetcher(service);
  ASSERT_TRUE(get(f).ok());
  clock_.advance(hours(48));
  ASSERT_TRUE(get(f).ok());
  EXPECT_EQ(service.requests().size(), 2U);
  clock_.set(from_unix_seconds(2335305600));  // 2044-01-02, a day past its next update
  EXPECT_TRUE(get(f).error().is(Errc::crl_unavailable));
}

TEST_F(CrlFetching, AFailedFetchIsNotRepeatedForAWhile) {
  FakeKds service(InTurn({answer(500), answer(200, list("crl-genoa-clean.der"))}));
  CrlFetcher f = fetcher(service);
  EXPECT_TRUE(get(f).error().is(Errc::crl_unavailable));
  EXPECT_TRUE(get(f).error().is(Errc::crl_unavailable));
  EXPECT_EQ(service.requests().size(), 1U);
  clock_.advance(seconds(30));
  EXPECT_TRUE(get(f).ok());
}

TEST_F(CrlFetching, AListThatIsForgedExpiredOrOfAnotherProductIsNone) {
  for (const char* name :
       {"crl-genoa-forged.der", "crl-genoa-expired.der", "crl-milan-clean.der", "vcek-genoa.der"}) {
    FakeKds service(InTurn({answer(200, list(name))}));
    CrlFetcher f = fetcher(service);
    const auto crl = get(f);
    ASSERT_FALSE(crl.ok()) << name;
    EXPECT_TRUE(crl.error().is(Errc::crl_unavailable)) << name;
  }
}

TEST_F(CrlFetching, ARevocationIsSeen) {
  FakeKds service(InTurn({answer(200, list("crl-genoa-revoked.der"))}));
  CrlFetcher f = fetcher(service);
  const auto vek = amd::verify_test_vek("vcek-genoa.der", amd::Product::genoa).value();
  EXPECT_FALSE(get(f).value().check_not_revoked(**vek, kNow).ok());
}

}  // namespace
}  // namespace trustee::fetch
