#include "amd/chain.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "amd/amd_test_data.h"
#include "amd/cache.h"
#include "amd/crl.h"
#include "amd/errors.h"
#include "codec/pem.h"
#include "codec/time.h"
#include "tests/support/case.h"
#include "tests/support/flipped.h"

namespace trustee::amd {
namespace {

Time at(const char* text) { return codec::parse_date_or_time(text).value(); }

Errc code_of(const Error& e) {
  // Errc has no other way back from a Code; the names are unique.
  for (std::size_t i = 0; i < std::size(kErrcInfos); ++i) {
    if (e.is(static_cast<Errc>(i))) return static_cast<Errc>(i);
  }
  ADD_FAILURE() << e.to_string();
  return Errc::endorsement_mismatch;
}

Errc refused(const std::string& name, Product product, VekKind label = VekKind::vcek) {
  const auto vek = verify_test_vek(name, product, label);
  EXPECT_FALSE(vek.ok()) << name;
  return vek.ok() ? Errc::endorsement_mismatch : code_of(vek.error());
}

TEST(VekChain, RealKeysChainToTheirProducts) {
  const struct {
    const char* file;
    Product product;
    VekKind kind;
  } rows[] = {{"test-vcek.der", Product::milan, VekKind::vcek},
              {"test-vlek.der", Product::milan, VekKind::vlek},
              {"go-sev-guest-vcek.der", Product::milan, VekKind::vcek},
              {"gcp/sev-gcp-vcek.pem", Product::milan, VekKind::vcek},
              {"evidence-genoa-e2e.vcek.der", Product::genoa, VekKind::vcek},
              {"virtee-vcek_turin.der", Product::turin, VekKind::vcek}};
  for (const auto& row : rows) {
    const ByteVec data = file_bytes(snp_vector(row.file));
    const auto vek =
        verify_vek_chain({row.product, row.kind, data, {}, {}}, real_roots().of(row.product));
    ASSERT_TRUE(vek.ok()) << row.file << ": " << vek.error().to_string();
    EXPECT_EQ((**vek)->kind, row.kind);
    EXPECT_EQ((**vek)->product, row.product);
  }
}

TEST(VekChain, AChangedByteOrTheOtherIssuerBreaksTheChain) {
  CASE("CPU-35");
  const Roots& milan = real_roots().of(Product::milan);
  ByteVec der = file_bytes(snp_vector("test-vcek.der"));
  const auto under_asvk = verify_vek_chain({Product::milan, VekKind::vlek, der, {}, {}}, milan);
  EXPECT_EQ(code_of(under_asvk.error()), Errc::chain_not_trusted);
  der.at(42) = static_cast<std::uint8_t>(der.at(42) + 1);
  const auto changed = verify_vek_chain({Product::milan, VekKind::vcek, der, {}, {}}, milan);
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(code_of(changed.error()), Errc::chain_not_trusted) << changed.error().to_string();
}

TEST(VekChain, EveryFlippedBitOfTheCertificateIsRefused) {
  const ByteVec good = file_bytes(snp_vector("evidence-genoa-e2e.vcek.der"));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    const ByteVec der = flipped(good, bit);
    const auto vek = verify_vek_chain({Product::genoa, VekKind::vcek, der, {}, {}},
                                      real_roots().of(Product::genoa));
    EXPECT_FALSE(vek.ok()) << "bit " << bit;
  }
}

TEST(VekChain, ACertificateInsideAnotherOrFollowedByAnotherIsRefused) {
  const Roots& roots = test_roots().of(Product::genoa);
  const ByteVec vek = file_bytes(pki("vcek-genoa.der"));
  const auto refused = [&](const ByteVec& data) {
    const auto checked = verify_vek_chain({Product::genoa, VekKind::vcek, data, {}, {}}, roots);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(code_of(checked.error()), Errc::certificate_malformed) << checked.error().to_string();
  };
  ByteVec twice = vek;
  twice.insert(twice.end(), vek.begin(), vek.end());
  refused(twice);
  ByteVec inside = {0x30, 0x82, static_cast<std::uint8_t>(vek.size() >> 8U),
                    static_cast<std::uint8_t>(vek.size())};
  inside.insert(inside.end(), vek.begin(), vek.end());
  refused(inside);
  const std::string pem = codec::pem_write("CERTIFICATE", vek);
  ASSERT_TRUE(parse_der_or_pem(as_bytes(pem)).ok());
  refused(to_vec(as_bytes(pem + pem)));
  refused(to_vec(as_bytes("-----BEGIN CERTIFICATE-----\n" + pem)));
}

TEST(VekChain, AnArkMustBeSignedByTheEmbeddedOne) {
  CASE("CPU-39");
  const ByteVec vek = file_bytes(pki("vcek-genoa.der"));
  const ByteVec foreign = file_bytes(pki("ark-genoa-foreign.der"));
  const Roots& roots = test_roots().of(Product::genoa);
  const auto refused_ark =
      verify_vek_chain({Product::genoa, VekKind::vcek, vek, {}, foreign}, roots);
  EXPECT_EQ(code_of(refused_ark.error()), Errc::ark_not_trusted);
  const ByteVec same = file_bytes(pki("ark-genoa.der"));
  const ByteVec ask = file_bytes(pki("ask-genoa.der"));
  EXPECT_TRUE(verify_vek_chain({Product::genoa, VekKind::vcek, vek, ask, same}, roots).ok());
  // The ASK is signed by the embedded ARK's key and could pass for an ARK but for its own
  // signature.
  const auto ask_as_ark = verify_vek_chain({Product::genoa, VekKind::vcek, vek, ask, ask}, roots);
  EXPECT_EQ(code_of(ask_as_ark.error()), Errc::chain_not_trusted);
}

TEST(VekChain, APresentedIssuerMustBeAnAuthorityOfTheSameRoot) {
  const ByteVec vek = file_bytes(pki("vcek-genoa.der"));
  const Roots& roots = test_roots().of(Product::genoa);
  for (const char* name : {"ask-genoa-not-ca.der", "ask-milan.der", "ark-genoa-foreign.der"}) {
    const ByteVec ask = file_bytes(pki(name));
    const auto checked = verify_vek_chain({Product::genoa, VekKind::vcek, vek, ask, {}}, roots);
    ASSERT_FALSE(checked.ok()) << name;
    EXPECT_EQ(code_of(checked.error()), Errc::chain_not_trusted) << name;
  }
}

TEST(VekChain, ShortAndEmptyCertificateDataIsRefusedWithoutHarm) {
  CASE("CPU-40");
  const Roots& roots = test_roots().of(Product::genoa);
  const ByteVec good = file_bytes(pki("vcek-genoa.der"));
  for (std::size_t n = 0; n < 64; ++n) {
    const auto cut =
        verify_vek_chain({Product::genoa, VekKind::vcek, Bytes(good).first(n), {}, {}}, roots);
    ASSERT_FALSE(cut.ok()) << n;
    EXPECT_EQ(code_of(cut.error()), Errc::certificate_malformed) << n;
  }
  const auto marker = as_bytes("-----BEGIN CERTIFICATE-----");
  EXPECT_EQ(code_of(parse_der_or_pem(marker).error()), Errc::certificate_malformed);
  EXPECT_EQ(code_of(parse_der_or_pem(marker.first(10)).error()), Errc::certificate_malformed);
}

TEST(VekChain, ACertificateOfAnotherProductKindOrShapeIsRefused) {
  EXPECT_EQ(refused("vcek-milan.der", Product::genoa), Errc::chain_not_trusted);
  EXPECT_EQ(refused("vcek-genoa.der", Product::genoa, VekKind::vlek), Errc::chain_not_trusted);
  EXPECT_EQ(refused("vlek-milan.der", Product::milan), Errc::chain_not_trusted);
  EXPECT_EQ(refused("vcek-genoa-p256.der", Product::genoa), Errc::vek_key_unsupported);
  EXPECT_EQ(refused("vcek-genoa-named-milan.der", Product::genoa), Errc::vek_product_mismatch);
  EXPECT_EQ(refused("vcek-genoa-short-hwid.der", Product::genoa), Errc::vek_extension_malformed);
  EXPECT_EQ(refused("vcek-genoa-with-fmc.der", Product::genoa), Errc::vek_extension_malformed);
  EXPECT_EQ(refused("vcek-turin-without-fmc.der", Product::turin), Errc::vek_extension_missing);
  EXPECT_EQ(refused("vcek-genoa-both.der", Product::genoa), Errc::vek_kind_unclear);
  EXPECT_EQ(refused("vcek-genoa-neither.der", Product::genoa), Errc::vek_kind_unclear);
  EXPECT_TRUE(verify_test_vek("vcek-genoa-named-siena.der", Product::genoa).ok());
  EXPECT_TRUE(verify_test_vek("vcek-genoa-octet.der", Product::genoa).ok());
}

TEST(VekChain, AVlekPassesForAVcekWithNoIssuerThatTheGuestPresents) {
  // The ASVK is signed by the ARK too, so it is a valid "ASK" for a VLEK labelled VCEK.
  const ByteVec vlek = file_bytes(pki("vlek-milan.der"));
  const ByteVec asvk = file_bytes(pki("asvk-milan.der"));
  const auto vek = verify_vek_chain({Product::milan, VekKind::vcek, vlek, asvk, {}},
                                    test_roots().of(Product::milan));
  EXPECT_EQ(code_of(vek.error()), Errc::chain_not_trusted);
}

TEST(VekChain, DatesAreEnforcedUnlessThePolicySaysOtherwise) {
  const auto expired = verify_test_vek("vcek-genoa-expired.der", Product::genoa).value();
  const auto future = verify_test_vek("vcek-genoa-future.der", Product::genoa).value();
  const Time now = at("2026-01-01");
  EXPECT_EQ(code_of(check_dates(**expired, now, ValidityDates::enforced).error()),
            Errc::vek_expired);
  EXPECT_EQ(code_of(check_dates(**future, now, ValidityDates::enforced).error()),
            Errc::vek_not_yet_valid);
  EXPECT_TRUE(check_dates(**expired, now, ValidityDates::ignored).ok());
  EXPECT_TRUE(check_dates(**future, now, ValidityDates::ignored).ok());
  EXPECT_TRUE(check_dates(**expired, at("2025-01-01"), ValidityDates::enforced).ok());
  EXPECT_TRUE(check_dates(**future, at("2040-01-01"), ValidityDates::enforced).ok());
  // The issuers end in 2045, before nothing else would.
  const auto good = verify_test_vek("vcek-genoa.der", Product::genoa).value();
  EXPECT_TRUE(check_dates(**good, at("2044-01-01"), ValidityDates::enforced).ok());
  EXPECT_FALSE(check_dates(**good, at("2044-01-02"), ValidityDates::enforced).ok());
}

TEST(VekChain, TheLastSecondOfItsValidityBelongsToIt) {
  // RFC 5280 4.1.2.5: from notBefore through notAfter, inclusive; both name whole seconds.
  const auto vek = verify_test_vek("vcek-genoa.der", Product::genoa).value();
  const Time end = (*vek)->not_after;
  const std::chrono::microseconds most_of_it(999'999);
  EXPECT_TRUE(check_dates(**vek, end, ValidityDates::enforced).ok());
  EXPECT_TRUE(check_dates(**vek, end + most_of_it, ValidityDates::enforced).ok());
  EXPECT_EQ(
      code_of(check_dates(**vek, end + std::chrono::seconds(1), ValidityDates::enforced).error()),
      Errc::vek_expired);
}

TEST(VekCache, KeepsOneProofPerChainAndNoFailure) {
  VekCache cache;
  const Roots& roots = test_roots().of(Product::genoa);
  const ByteVec good = file_bytes(pki("vcek-genoa.der"));
  const ByteVec bad = file_bytes(pki("vcek-milan.der"));
  const PresentedChain chain{Product::genoa, VekKind::vcek, good, {}, {}};
  const auto first = cache.verify(chain, roots).value();
  EXPECT_EQ(cache.verify(chain, roots).value(), first) << "the same object";
  EXPECT_FALSE(cache.verify({Product::genoa, VekKind::vcek, bad, {}, {}}, roots).ok());
  EXPECT_EQ(cache.size(), 1U);
}

TEST(VekCache, AnotherRootLabelOrIssuerIsAnotherQuestion) {
  VekCache cache;
  const ByteVec good = file_bytes(pki("vcek-genoa.der"));
  const ByteVec foreign = file_bytes(pki("ark-genoa-foreign.der"));
  const PresentedChain chain{Product::genoa, VekKind::vcek, good, {}, {}};
  ASSERT_TRUE(cache.verify(chain, test_roots().of(Product::genoa)).ok());
  EXPECT_FALSE(cache.verify(chain, real_roots().of(Product::genoa)).ok());
  EXPECT_FALSE(
      cache.verify({Product::genoa, VekKind::vlek, good, {}, {}}, test_roots().of(Product::genoa))
          .ok());
  EXPECT_FALSE(cache
                   .verify({Product::genoa, VekKind::vcek, good, {}, foreign},
                           test_roots().of(Product::genoa))
                   .ok());
}

TEST(VekCache, IsBoundedAndForgetsTheLeastRecentlyUsed) {
  VekCache cache(2);
  const Roots& roots = test_roots().of(Product::genoa);
  const ByteVec a = file_bytes(pki("vcek-genoa.der"));
  const ByteVec b = file_bytes(pki("vcek-genoa-octet.der"));
  const ByteVec c = file_bytes(pki("vcek-genoa-named-siena.der"));
  const auto verify = [&](const ByteVec& der) {
    return cache.verify({Product::genoa, VekKind::vcek, der, {}, {}}, roots).value();
  };
  const auto first_a = verify(a);
  const auto first_b = verify(b);
  EXPECT_EQ(verify(a), first_a);
  (void)verify(c);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(verify(a), first_a);
  EXPECT_NE(verify(b), first_b);
}

TEST(VekCache, ServesManyThreads) {
  VekCache cache(2);
  const Roots& roots = test_roots().of(Product::genoa);
  const ByteVec ders[] = {
      file_bytes(pki("vcek-genoa.der")), file_bytes(pki("vcek-genoa-octet.der")),
      file_bytes(pki("vcek-genoa-named-siena.der")), file_bytes(pki("vcek-milan.der"))};
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 25; ++i) {
        const ByteVec& der = ders[(i + t) % 4];
        good += cache.verify({Product::genoa, VekKind::vcek, der, {}, {}}, roots).ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(good, 75) << "all but the Milan key";
  EXPECT_EQ(cache.size(), 2U);
}

class Crl : public ::testing::Test {
 protected:
  static Result<ArkCrl> list(const std::string& name, Product product, const char* now) {
    return ArkCrl::create(file_bytes(pki(name)), product, test_roots().of(product), at(now));
  }
  VerifiedVek genoa_ = verify_test_vek("vcek-genoa.der", Product::genoa).value();
  VerifiedVek milan_ = verify_test_vek("vcek-milan.der", Product::milan).value();
};

TEST_F(Crl, ACleanListPassesAndARevokedIssuerDoesNot) {
  const auto clean = list("crl-genoa-clean.der", Product::genoa, "2026-01-01");
  ASSERT_TRUE(clean.ok()) << clean.error().to_string();
  EXPECT_TRUE(clean->check_not_revoked(**genoa_, at("2026-01-01")).ok());
  const auto revoked = list("crl-genoa-revoked.der", Product::genoa, "2026-01-01");
  ASSERT_TRUE(revoked.ok());
  EXPECT_EQ(code_of(revoked->check_not_revoked(**genoa_, at("2026-01-01")).error()),
            Errc::vek_revoked);
}

TEST_F(Crl, TheLastSecondBeforeTheNextUpdateStillCounts) {
  const auto end = list("crl-genoa-clean.der", Product::genoa, "2026-01-01")->next_update();
  const Time last = end + std::chrono::microseconds(999'999);
  const auto clean = ArkCrl::create(file_bytes(pki("crl-genoa-clean.der")), Product::genoa,
                                    test_roots().of(Product::genoa), last);
  ASSERT_TRUE(clean.ok()) << clean.error().to_string();
  EXPECT_TRUE(clean->check_not_revoked(**genoa_, last).ok());
  EXPECT_EQ(code_of(clean->check_not_revoked(**genoa_, end + std::chrono::seconds(1)).error()),
            Errc::crl_expired);
}

TEST_F(Crl, AListOutsideItsDatesOrOfAnotherSignerIsRefused) {
  EXPECT_EQ(code_of(list("crl-genoa-expired.der", Product::genoa, "2026-01-01").error()),
            Errc::crl_expired);
  EXPECT_EQ(code_of(list("crl-genoa-clean.der", Product::genoa, "2023-01-01").error()),
            Errc::crl_expired);
  EXPECT_EQ(code_of(list("crl-genoa-forged.der", Product::genoa, "2026-01-01").error()),
            Errc::crl_not_trusted);
  EXPECT_EQ(code_of(list("crl-milan-clean.der", Product::genoa, "2026-01-01").error()),
            Errc::crl_not_trusted);
  EXPECT_EQ(code_of(list("vcek-genoa.der", Product::genoa, "2026-01-01").error()),
            Errc::crl_not_trusted);
}

TEST_F(Crl, AListDoesNotServePastItsNextUpdateNorAnotherProduct) {
  const auto list_2025 = list("crl-genoa-expired.der", Product::genoa, "2024-06-01");
  ASSERT_TRUE(list_2025.ok());
  EXPECT_TRUE(list_2025->check_not_revoked(**genoa_, at("2024-12-31")).ok());
  EXPECT_EQ(code_of(list_2025->check_not_revoked(**genoa_, at("2025-01-02")).error()),
            Errc::crl_expired);
  EXPECT_EQ(code_of(list_2025->check_not_revoked(**milan_, at("2024-12-31")).error()),
            Errc::crl_of_other_product);
}

}  // namespace
}  // namespace trustee::amd
