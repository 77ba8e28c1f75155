#include "codec/der.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "codec/errors.h"
#include "codec/hex.h"
#include "codec/pem.h"

namespace trustee::der {
namespace {

using codec::Errc;

/// Keeps the bytes alive beside the reader.
struct Input {
  explicit Input(std::string_view hex) : bytes(*codec::hex_decode(hex)), reader(bytes) {}
  ByteVec bytes;
  Reader reader;
};

template <class T>
bool malformed(const Result<T>& result) {
  return !result.ok() && result.error().is(Errc::der_malformed);
}

TEST(Der, ReadsIntegersWithinTheirBounds) {
  EXPECT_EQ(*Input("020100").reader.u8(), 0);
  EXPECT_EQ(*Input("02017f").reader.u8(), 127);
  EXPECT_EQ(*Input("020200ff").reader.u8(), 255);
  EXPECT_TRUE(malformed(Input("02020100").reader.u8()));
  EXPECT_EQ(*Input("02020100").reader.u64(), 256U);
  EXPECT_EQ(*Input("020900ffffffffffffffff").reader.u64(), UINT64_MAX);
  EXPECT_TRUE(malformed(Input("0209010000000000000000").reader.u64()));
  EXPECT_EQ(codec::hex_encode(*Input("0209010000000000000000").reader.unsigned_integer()),
            "010000000000000000");
  EXPECT_EQ(*Input("0a0102").reader.enumerated(), 2U);
  EXPECT_EQ(*Input("810105").reader.u8(context(1)), 5);
}

TEST(Der, RefusesIntegersThatAreEmptyNegativeOrPadded) {
  for (const char* hex : {"0200", "0201ff", "020180", "02020000", "0202007f", "0203000001"}) {
    EXPECT_TRUE(malformed(Input(hex).reader.u64())) << hex;
  }
}

TEST(Der, AllowsOnlyMinimalDefiniteLengths) {
  EXPECT_EQ(Input("0481"
                  "80" +
                  std::string(256, '0'))
                .reader.octet_string()
                ->size(),
            128U);
  EXPECT_EQ(Input("0482"
                  "0100" +
                  std::string(512, '0'))
                .reader.octet_string()
                ->size(),
            256U);
  EXPECT_EQ(Input("047f" + std::string(254, '0')).reader.octet_string()->size(), 127U);
  for (const char* hex : {"04800000", "048100", "04817f", "04820001", "0482007f", "048200ff",
                          "04830000ff", "0485000000000100", "04ff", "0484ffffffff", "048180",
                          "0481", "0482", "04820", "04", "", "0401", "04020a"}) {
    const std::string even = std::string(hex).size() % 2 == 0 ? hex : std::string(hex) + "0";
    EXPECT_TRUE(malformed(Input(even).reader.octet_string())) << hex;
  }
  // 127 in the long form, with all its bytes there
  EXPECT_TRUE(malformed(Input("04817f" + std::string(254, '0')).reader.octet_string()));
}

TEST(Der, RefusesTagsItDoesNotKnowHowToRead) {
  EXPECT_TRUE(malformed(Input("1f2000").reader.any()));
  EXPECT_TRUE(malformed(Input("bf8a3800").reader.any()));
  EXPECT_TRUE(malformed(Input("0000").reader.any()));
  EXPECT_EQ(Input("a003020102").reader.any()->whole.size(), 5U);
}

TEST(Der, ReadsBooleansNullsAndStrings) {
  EXPECT_TRUE(*Input("0101ff").reader.boolean());
  EXPECT_FALSE(*Input("010100").reader.boolean());
  EXPECT_TRUE(malformed(Input("010101").reader.boolean()));
  EXPECT_TRUE(malformed(Input("0100").reader.boolean()));
  EXPECT_TRUE(Input("0500").reader.null().ok());
  EXPECT_TRUE(malformed(Input("050100").reader.null()));
  EXPECT_EQ(*Input("1603616263").reader.ia5_string(), "abc");
  EXPECT_TRUE(malformed(Input("160180").reader.ia5_string()));
  EXPECT_EQ(*Input("0c02c3a9").reader.utf8_string(), "\xC3\xA9");
  EXPECT_TRUE(malformed(Input("0c01ff").reader.utf8_string()));
  EXPECT_EQ(Input("0303000102").reader.bit_string()->size(), 2U);
  EXPECT_TRUE(malformed(Input("0302010a").reader.bit_string()));
  EXPECT_TRUE(malformed(Input("0300").reader.bit_string()));
}

TEST(Der, WritesObjectIdentifiersAsDottedText) {
  EXPECT_EQ(*Input("06052b81040022").reader.oid(), "1.3.132.0.34");
  EXPECT_EQ(*Input("0603883703").reader.oid(), "2.999.3");  // Source  X.690, 8.19.5
  EXPECT_EQ(*Input("060100").reader.oid(), "0.0");
  EXPECT_EQ(*Input("060127").reader.oid(), "0.39");
  EXPECT_EQ(*Input("060128").reader.oid(), "1.0");
  EXPECT_EQ(*Input("06014f").reader.oid(), "1.39");
  EXPECT_EQ(*Input("060150").reader.oid(), "2.0");
  EXPECT_EQ(*Input("060b2a81ffffffffffffffff7f").reader.oid(), "1.2.18446744073709551615");
  EXPECT_TRUE(malformed(Input("060b2a82808080808080808000").reader.oid()));
  for (const char* hex : {"0600", "060180", "06022b80", "06032b8001", "060281"}) {
    EXPECT_TRUE(malformed(Input(hex).reader.oid())) << hex;
  }
}

TEST(Der, HoldsTheLimitOfAnObjectIdentifier) {
  static_assert(kMaxOidBytes == 64);
  std::string ones;
  for (int i = 0; i < 64; ++i) {
    ones += "01";
  }
  EXPECT_TRUE(Input("0640" + ones).reader.oid().ok());
  EXPECT_TRUE(malformed(Input("0641" + ones + "01").reader.oid()));
}

TEST(Der, ReadsOptionalElementsAndRefusesWhatIsLeft) {
  Input in(
      "3008"
      "a003020102"
      "020105");
  Reader body = *in.reader.sequence();
  EXPECT_TRUE(in.reader.finish().ok());
  EXPECT_EQ(*body.optional_content(kBoolean), std::nullopt);
  auto version = *body.optional_constructed(context_constructed(0));
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(*version->u8(), 2);
  EXPECT_TRUE(version->finish().ok());
  EXPECT_TRUE(malformed(body.finish()));
  EXPECT_EQ(*body.u8(), 5);
  EXPECT_TRUE(body.finish().ok());
  EXPECT_TRUE(body.at_end());
  EXPECT_EQ(*body.optional_content(kInteger), std::nullopt);
}

TEST(Der, StaysWhereItWasWhenAReadFails) {
  Input in("02020100");
  EXPECT_TRUE(malformed(in.reader.u8()));
  EXPECT_TRUE(malformed(in.reader.octet_string()));
  EXPECT_EQ(*in.reader.u64(), 256U);
}

TEST(Der, WalksARealCertificate) {
  std::ifstream file("src/codec/testdata/tcb_signing_chain.pem");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto blocks = codec::pem_read(text);
  ASSERT_TRUE(blocks.ok());
  ASSERT_EQ(blocks->size(), 2U);
  Reader outer((*blocks)[0].der);
  Reader certificate = *outer.sequence();
  EXPECT_TRUE(outer.finish().ok());
  const Element tbs = *certificate.any();
  // Values read by python3-cryptography.
  EXPECT_EQ(tbs.whole.size(), 566U);
  Reader fields(tbs.content);
  auto version = *fields.optional_constructed(context_constructed(0));
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(*version->u8(), 2);
  EXPECT_EQ(codec::hex_encode(*fields.unsigned_integer()),
            "7e3882d5fb55294a40498e458403e91491bdf455");
  EXPECT_EQ(*fields.sequence()->oid(), "1.2.840.10045.4.3.2");
}

}  // namespace
}  // namespace trustee::der
