#include "amd/vek.h"

#include <gtest/gtest.h>

#include "amd/amd_test_data.h"
#include "amd/errors.h"
#include "codec/hex.h"
#include "tests/support/case.h"

namespace trustee::amd {
namespace {

Result<VekExtensions> extensions_of(const std::string& path) {
  return parse_vek_extensions(parse_der_or_pem(file_bytes(path)).value());
}

std::string counting_hwid() {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    const auto b = static_cast<std::uint8_t>(i);
    text += codec::hex_encode({&b, 1});
  }
  return text;
}

TEST(VekExtensions, AHardwareIdMayBeRawOrAnOctetString) {
  CASE("CPU-36");
  const auto legacy = extensions_of(snp_vector("test-vcek-invalid-legacy.der"));
  ASSERT_TRUE(legacy.ok()) << legacy.error().to_string();
  ASSERT_TRUE(legacy->hwid.has_value());
  EXPECT_EQ(codec::hex_encode(*legacy->hwid), counting_hwid());
  EXPECT_EQ(legacy->tcb.microcode, 0xA9);

  const auto current = extensions_of(snp_vector("test-vcek-invalid-new.der"));
  ASSERT_TRUE(current.ok()) << current.error().to_string();
  ASSERT_TRUE(current->hwid.has_value());
  EXPECT_EQ(codec::hex_encode(*current->hwid), counting_hwid());
  EXPECT_EQ(current->tcb.microcode, 0x1E);
}

TEST(VekExtensions, ATurinKeyHasEightBytesOfHardwareIdAndAnFmc) {
  CASE("CPU-37");
  const auto turin = extensions_of(snp_vector("virtee-vcek_turin.der"));
  ASSERT_TRUE(turin.ok()) << turin.error().to_string();
  EXPECT_EQ(turin->struct_version, 1);
  EXPECT_EQ(turin->product_name, "Turin");
  EXPECT_EQ(codec::hex_encode(turin->hwid.value()), "1e550a8ee5cf9f4d");
  EXPECT_EQ(turin->tcb, (Tcb{0, 0, 0, 0, 9}));
  const ByteVec der = file_bytes(snp_vector("virtee-vcek_turin.der"));
  const auto chain = verify_vek_chain({Product::turin, VekKind::vcek, der, {}, {}},
                                      real_roots().of(Product::turin));
  EXPECT_TRUE(chain.ok());
}

TEST(VekExtensions, ReadsAMilanVcekAndAVlek) {
  const auto vcek = extensions_of(snp_vector("test-vcek.der"));
  ASSERT_TRUE(vcek.ok());
  EXPECT_EQ(vcek->product_name, "Milan-B0");
  EXPECT_EQ(vcek->tcb, (Tcb{std::nullopt, 3, 0, 8, 115}));
  EXPECT_EQ(*vek_kind(*vcek), VekKind::vcek);
  const auto vlek = extensions_of(snp_vector("test-vlek.der"));
  ASSERT_TRUE(vlek.ok());
  EXPECT_EQ(vlek->tcb, (Tcb{std::nullopt, 4, 0, 24, 217}));
  EXPECT_EQ(vlek->csp_id, "CN=cc-us-east-2.amazonaws.com");
  EXPECT_EQ(*vek_kind(*vlek), VekKind::vlek);
}

TEST(VekExtensions, IntegersAreStrictDerOfOneByte) {
  const auto u8 = [](const char* hex) { return parse_der_u8(from_hex(hex)); };
  EXPECT_EQ(*u8("020100"), 0);
  EXPECT_EQ(*u8("02017f"), 0x7F);
  EXPECT_EQ(*u8("02020080"), 0x80);
  EXPECT_EQ(*u8("020200ff"), 0xFF);
  for (const char* bad : {"", "02", "0200", "020180", "0202007f", "02020100", "0203000080",
                          "040100", "02010000", "028101 00", "0201"}) {
    const auto n = u8(bad);
    ASSERT_FALSE(n.ok()) << bad;
    EXPECT_TRUE(n.error().is(Errc::vek_extension_malformed)) << bad;
  }
}

TEST(VekExtensions, TextsArePrintableAsciiUpToTheirLimit) {
  const auto of_size = [](std::size_t n) {
    ByteVec der{0x16, static_cast<std::uint8_t>(n)};
    der.resize(n + 2, 'x');
    return der;
  };
  EXPECT_TRUE(parse_der_ia5(of_size(kMaxVekText)).ok());
  EXPECT_FALSE(parse_der_ia5(of_size(kMaxVekText + 1)).ok());
  EXPECT_FALSE(parse_der_ia5(from_hex("160100")).ok());
  EXPECT_FALSE(parse_der_ia5(from_hex("1601c3")).ok());
  EXPECT_FALSE(parse_der_ia5(from_hex("0c0141")).ok());
}

TEST(VekExtensions, HardwareIdsOfOtherSizesAreRefused) {
  for (const std::size_t n : {0U, 7U, 9U, 32U, 63U, 65U, 66U, 67U}) {
    EXPECT_FALSE(parse_hwid(ByteVec(n, 0x55)).ok()) << n;
  }
  EXPECT_EQ(parse_hwid(from_hex("0408 0102030405060708")).value(), from_hex("0102030405060708"));
}

TEST(VekExtensions, ARepeatedWideOrAbsentExtensionIsRefused) {
  const auto error = [](const std::string& name) { return extensions_of(pki(name)).error(); };
  EXPECT_TRUE(error("vcek-genoa-repeated.der").is(Errc::vek_extension_malformed));
  EXPECT_TRUE(error("vcek-genoa-wide-spl.der").is(Errc::vek_extension_malformed));
  EXPECT_TRUE(error("vcek-genoa-odd-hwid.der").is(Errc::vek_extension_malformed));
  EXPECT_TRUE(error("ask-genoa.der").is(Errc::vek_extension_missing));
}

TEST(VekExtensions, AKeyIsEitherAChipsOrAProviders) {
  for (const char* name : {"vcek-genoa-both.der", "vcek-genoa-neither.der"}) {
    const auto extensions = extensions_of(pki(name));
    ASSERT_TRUE(extensions.ok()) << name;
    EXPECT_TRUE(vek_kind(*extensions).error().is(Errc::vek_kind_unclear)) << name;
  }
}

}  // namespace
}  // namespace trustee::amd
