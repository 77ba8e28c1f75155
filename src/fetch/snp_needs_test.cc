#include "fetch/snp_needs.h"

#include <gtest/gtest.h>

#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"

namespace trustee::fetch {
namespace {

using std::chrono::seconds;

class SnpNeeds : public ::testing::Test {
 protected:
  explicit SnpNeeds(int vcek_status = 200)
      : service_([vcek_status](const std::string& target) {
          if (target.ends_with("/crl")) {
            return answer(200, file_bytes(amd::pki("crl-genoa-clean.der")));
          }
          return answer(vcek_status, file_bytes(amd::pki("vcek-genoa.der")));
        }) {}

  /// The chip and TCB of the test hierarchy's Genoa key.
  static amd::VcekRequest request() {
    amd::VcekRequest r{amd::Product::genoa, {}, {std::nullopt, 10, 0, 23, 25}};
    for (std::size_t i = 0; i < 64; ++i) r.chip_id[i] = static_cast<std::uint8_t>(0x40 + i);
    return r;
  }
  std::unique_ptr<Engine> engine() {
    Kds kds = rim_.kds(service_, {{1, seconds(1), seconds(1)}, seconds(5), {}});
    std::vector<VcekSource> sources{kds};
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<VcekKind>(std::move(sources), amd::test_roots()));
    kinds.push_back(std::make_unique<AmdCrlKind>(kds, amd::test_roots()));
    return std::make_unique<Engine>(Engine::Settings{}, Engine::Ports{rim_.clock},
                                    std::move(kinds));
  }
  Result<SnpCollateral> get(const snp::Needs& needs) {
    return get_for(needs, *engine(), {"peer", rim_.clock.now() + seconds(20)});
  }

  Rim rim_;
  FakeKds service_;
};

class SnpNeedsWithoutVcek : public SnpNeeds {
 protected:
  SnpNeedsWithoutVcek() : SnpNeeds(404) {}
};

TEST_F(SnpNeeds, GetsExactlyWhatIsNamed) {
  const snp::CrlRequest crl{amd::Product::genoa, amd::VekKind::vcek};
  const auto both = get({request(), crl});
  ASSERT_TRUE(both.ok()) << both.error().to_string();
  EXPECT_EQ(both->vcek, file_bytes(amd::pki("vcek-genoa.der")));
  EXPECT_TRUE(both->crl.has_value());
  const auto list_alone = get({std::nullopt, crl});
  EXPECT_FALSE(list_alone->vcek.has_value());
  EXPECT_TRUE(list_alone->crl.has_value());
  const auto key_alone = get({request(), std::nullopt});
  EXPECT_TRUE(key_alone->vcek.has_value());
  EXPECT_FALSE(key_alone->crl.has_value());
}

TEST_F(SnpNeeds, AreAtHandOnlyWhenAllOfThemAre) {
  const auto e = engine();
  const snp::CrlRequest crl{amd::Product::genoa, amd::VekKind::vcek};
  EXPECT_FALSE(peek_for({request(), crl}, *e).has_value());
  ASSERT_TRUE(get_for({request(), std::nullopt}, *e, {"peer", kNow + seconds(20)}).ok());
  EXPECT_FALSE(peek_for({request(), crl}, *e).has_value());
  ASSERT_TRUE(get_for({std::nullopt, crl}, *e, {"peer", kNow + seconds(20)}).ok());
  const auto both = peek_for({request(), crl}, *e);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->vcek, file_bytes(amd::pki("vcek-genoa.der")));
  EXPECT_TRUE(both->crl.has_value());
  EXPECT_EQ(service_.requests().size(), 2U);
}

TEST_F(SnpNeedsWithoutVcek, OneThingThatCannotBeHadFailsTheWhole) {
  const auto got = get({request(), snp::CrlRequest{amd::Product::genoa, amd::VekKind::vcek}});
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(Errc::vcek_unavailable));
}

}  // namespace
}  // namespace trustee::fetch
