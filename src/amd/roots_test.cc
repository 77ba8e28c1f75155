#include "amd/roots.h"

#include <gtest/gtest.h>

#include "amd/amd_test_data.h"
#include "amd/errors.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "tests/support/case.h"

namespace trustee::amd {
namespace {

std::string sha256_hex(const crypto::Certificate& c) {
  return codec::hex_encode(crypto::sha256(c.der()));
}

std::string bundle(const std::string& product) {
  return file_text("tests/vectors/amd-certs/" + product + "_ask_ark_asvk.pem");
}

TEST(Roots, TheEmbeddedAnchorsAreAmds) {
  // Fingerprints recomputed with OpenSSL from AMD's published chains.
  const struct {
    Product product;
    const char *ark, *ask, *asvk;
  } rows[] = {
      {Product::milan, "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd",
       "67d303bd3905fd38db8b20e0793699870e7fa612eaad5dec358293fd8c0bac1b",
       "c5e081f59b7efab1fe2f8b505e159704e72f29cab7ef7cf628a05a42439082f5"},
      {Product::genoa, "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1",
       "5464738c1546aed5f2cecf1dc98c5c960a92e8913238a61711bc90ec6e828521",
       "197e610743a917d6b9bb982a5a9226ccc0a15b611be0619e626aca9151457372"},
      {Product::turin, "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a",
       "5b77ef5fe7a7a004fd9032668fba9d0fda22f88c4442069a479636a6ae3b3185",
       "104e10a8bd060a3c20a434261a57d0588fd65a88915b4f65b08bdecaf8df1a3c"},
  };
  for (const auto& row : rows) {
    const Roots& roots = real_roots().of(row.product);
    EXPECT_EQ(sha256_hex(roots.ark()), row.ark);
    EXPECT_EQ(sha256_hex(roots.ask()), row.ask);
    EXPECT_EQ(sha256_hex(roots.asvk()), row.asvk);
  }
}

TEST(Roots, TheEmbeddedAnchorsAreWhatKdsServes) {
  const auto kds = [](const std::string& name) {
    return crypto::Certificate::bundle_from_pem(
               file_text("tests/vectors/amd-certs/kds-cert_chain-ask_ark_" + name + ".pem"))
        .value();
  };
  const struct {
    Product product;
    const char *vcek, *vlek;
  } rows[] = {{Product::milan, "milan", "milan_vlek"},
              {Product::genoa, "genoa", "genoa_vlek"},
              {Product::turin, "turin_vcek", "turin_vlek"}};
  for (const auto& row : rows) {
    const Roots& roots = real_roots().of(row.product);
    EXPECT_EQ(kds(row.vcek).at(0), roots.ask());
    EXPECT_EQ(kds(row.vcek).at(1), roots.ark());
    EXPECT_EQ(kds(row.vlek).at(0), roots.asvk());
    EXPECT_EQ(kds(row.vlek).at(1), roots.ark());
  }
}

TEST(Roots, ABundleHoldsExactlyThreeCertificates) {
  CASE("CPU-38");
  const std::string milan = bundle("milan");
  const std::string two = milan.substr(0, milan.rfind("-----BEGIN CERTIFICATE-----"));
  for (const std::string& pem : {two, milan + milan, std::string(), std::string("not PEM")}) {
    const auto roots = Roots::create(pem);
    ASSERT_FALSE(roots.ok());
    EXPECT_TRUE(roots.error().is(Errc::root_bundle_malformed));
  }
  const auto set = RootSet::create(bundle("milan"), two, bundle("turin"));
  ASSERT_FALSE(set.ok());
  EXPECT_TRUE(set.error().is(Errc::root_bundle_malformed));
}

TEST(Roots, ABundleInAnotherOrderOrOfMixedProductsIsRefused) {
  const auto split = crypto::Certificate::bundle_from_pem(bundle("milan")).value();
  const auto genoa = crypto::Certificate::bundle_from_pem(bundle("genoa")).value();
  const std::string ark_first = split[1].pem() + split[0].pem() + split[2].pem();
  const std::string mixed = split[0].pem() + split[1].pem() + genoa[2].pem();
  EXPECT_TRUE(Roots::create(ark_first).error().is(Errc::root_bundle_malformed));
  EXPECT_TRUE(Roots::create(mixed).error().is(Errc::root_bundle_malformed));
}

TEST(Roots, FingerprintsTellRootsApart) {
  EXPECT_NE(real_roots().of(Product::milan).fingerprint(),
            real_roots().of(Product::genoa).fingerprint());
  EXPECT_NE(real_roots().of(Product::genoa).fingerprint(),
            test_roots().of(Product::genoa).fingerprint());
}

}  // namespace
}  // namespace trustee::amd
