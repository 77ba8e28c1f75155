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
  std::unique_ptr<Engine> engine(const FakeKds& service) {
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<AmdCrlKind>(
        rim_.kds(service, {{1, milliseconds(1), seconds(1)}}), amd::test_roots()));
    return std::make_unique<Engine>(Engine::Settings{}, Engine::Ports{rim_.clock},
                                    std::move(kinds));
  }
  Result<amd::ArkCrl> get(Engine& e, amd::Product product = amd::Product::genoa) {
    const auto held = e.get(amd_crl_id(product, amd::VekKind::vcek),
                            {"10.0.0.1", rim_.clock.now() + seconds(20)});
    if (!held.ok()) return held.error();
    return *std::get<std::shared_ptr<const amd::ArkCrl>>((*held)->proof);
  }

  Rim rim_;
};

TEST_F(CrlFetching, AsksOncePerDayInTheBackgroundAndServesFromMemory) {
  FakeKds service(InTurn({answer(200, list("crl-genoa-clean.der"))}));
  const auto f = engine(service);
  ASSERT_TRUE(get(*f).ok());
  ASSERT_TRUE(get(*f).ok());
  f->renew_due();
  EXPECT_EQ(service.requests(), std::vector<std::string>{"/vcek/v1/Genoa/crl"});
  EXPECT_EQ(f->next_renewal(), kNow + hours(24));
  rim_.clock.advance(hours(24));
  ASSERT_TRUE(get(*f).ok());
  EXPECT_EQ(service.requests().size(), 1U) << "no request waits for a renewal";
  f->renew_due();
  EXPECT_EQ(service.requests().size(), 2U);
}

TEST_F(CrlFetching, TheLastGoodListServesDuringAnOutageUntilItsEnd) {
  FakeKds service(InTurn({answer(200, list("crl-genoa-clean.der")), answer(500)}));
  const auto f = engine(service);
  ASSERT_TRUE(get(*f).ok());
  rim_.clock.advance(hours(48));
  f->renew_due();
  ASSERT_TRUE(get(*f).ok());
  EXPECT_EQ(service.requests().size(), 2U);
  rim_.clock.set(from_unix_seconds(2335305600));  // 2044-01-02, a day past its next update
  EXPECT_TRUE(get(*f).error().is(Errc::crl_unavailable));
}

TEST_F(CrlFetching, AFailedFetchIsNotRepeatedForAWhile) {
  FakeKds service(InTurn({answer(500), answer(200, list("crl-genoa-clean.der"))}));
  const auto f = engine(service);
  EXPECT_TRUE(get(*f).error().is(Errc::crl_unavailable));
  EXPECT_TRUE(get(*f).error().is(Errc::crl_unavailable));
  EXPECT_EQ(service.requests().size(), 1U);
  rim_.clock.advance(seconds(30));
  EXPECT_TRUE(get(*f).ok());
}

TEST_F(CrlFetching, AListThatIsForgedExpiredOrOfAnotherProductIsNone) {
  for (const char* name :
       {"crl-genoa-forged.der", "crl-genoa-expired.der", "crl-milan-clean.der", "vcek-genoa.der"}) {
    FakeKds service(InTurn({answer(200, list(name))}));
    const auto f = engine(service);
    const auto crl = get(*f);
    ASSERT_FALSE(crl.ok()) << name;
    EXPECT_TRUE(crl.error().is(Errc::crl_unavailable)) << name;
  }
}

TEST_F(CrlFetching, ARevocationIsSeen) {
  FakeKds service(InTurn({answer(200, list("crl-genoa-revoked.der"))}));
  const auto f = engine(service);
  const auto vek = amd::verify_test_vek("vcek-genoa.der", amd::Product::genoa).value();
  EXPECT_FALSE(get(*f).value().check_not_revoked(**vek, kNow).ok());
}

}  // namespace
}  // namespace trustee::fetch
