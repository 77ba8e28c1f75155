#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "codec/base64.h"
#include "codec/blank.h"
#include "codec/errors.h"
#include "codec/hex.h"
#include "codec/utf8.h"

namespace trustee::codec {
namespace {

// Source  RFC 4648, section 10.
constexpr std::array<std::pair<const char*, const char*>, 7> kRfc4648{{{"", ""},
                                                                       {"f", "Zg=="},
                                                                       {"fo", "Zm8="},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg=="},
                                                                       {"fooba", "Zm9vYmE="},
                                                                       {"foobar", "Zm9vYmFy"}}};

TEST(Base64, AgreesWithTheVectorsOfRfc4648) {
  for (const auto& [plain, text] : kRfc4648) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), text);
    EXPECT_EQ(as_text(*base64_decode(text)), plain);
    const std::string unpadded = std::string(text).substr(0, std::string(text).find('='));
    EXPECT_EQ(base64url_encode(as_bytes(plain)), unpadded);
    EXPECT_EQ(as_text(*base64url_decode(unpadded)), plain);
    EXPECT_EQ(base64url_padded_encode(as_bytes(plain)), text);
    EXPECT_EQ(as_text(*base64url_padded_decode(text)), plain);
  }
}

TEST(Base64, KeepsTheTwoAlphabetsApart) {
  const ByteVec bytes{0xfb, 0xff, 0xbf};
  EXPECT_EQ(base64_encode(bytes), "+/+/");
  EXPECT_EQ(base64url_encode(bytes), "-_-_");
  EXPECT_TRUE(base64_decode("-_-_").error().is(Errc::base64_malformed));
  EXPECT_TRUE(base64url_decode("+/+/").error().is(Errc::base64_malformed));
  EXPECT_TRUE(base64url_padded_decode("+/+/").error().is(Errc::base64_malformed));
}

TEST(Base64, RefusesEveryOtherSpelling) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zm9", "=", "==", "====", "Z===", "Zg==Zg==",
                           "Zm9v\n", " Zm9v", "Zm 9v", "Zh==", "Zm9=", "Zm=v", "Zm9v===="}) {
    EXPECT_FALSE(base64_decode(text).ok()) << text;
    EXPECT_FALSE(base64url_padded_decode(text).ok()) << text;
  }
  for (const char* text : {"Zg==", "Zm8=", "Z", "Zm9vY", "Zh", "Zm9", "Zm9v\n", "Zm9v="}) {
    EXPECT_FALSE(base64url_decode(text).ok()) << text;
  }
  EXPECT_FALSE(base64_decode(std::string_view("Zm9\0", 4)).ok());
}

TEST(Base64, RefusesEveryForeignCharacterAtEveryPlace) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int c = 0; c < 256; ++c) {
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text = "AAAAAAAA";
      text[at] = static_cast<char>(c);
      const bool ours = letters.find(static_cast<char>(c)) != std::string::npos;
      const bool padding = c == '=' && at == 7;
      EXPECT_EQ(base64_decode(text).ok(), ours || padding) << c << " at " << at;
    }
  }
}

TEST(Utf8, SeesABadByteWhereverItStands) {
  for (std::size_t size = 1; size < 20; ++size) {
    const std::string good(size, 'a');
    EXPECT_TRUE(is_utf8(as_bytes(good)));
    for (std::size_t at = 0; at < size; ++at) {
      std::string bad = good;
      bad[at] = '\x80';
      EXPECT_FALSE(is_utf8(as_bytes(bad))) << at << " of " << size;
    }
  }
}

TEST(Hex, WritesLowerCaseAndReadsBoth) {
  EXPECT_EQ(hex_encode(ByteVec{0x00, 0xab, 0xff}), "00abff");
  EXPECT_EQ(*hex_decode("00aBFf"), (ByteVec{0x00, 0xab, 0xff}));
  EXPECT_TRUE(hex_decode("")->empty());
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  for (const char* text : {"0", "0g", "g0", "0x00", " 00", "00 ", "/0", ":0", "@0", "`0"}) {
    ASSERT_FALSE(hex_decode(text).ok()) << text;
    EXPECT_TRUE(hex_decode(text).error().is(Errc::hex_malformed)) << text;
  }
}

TEST(Utf8, AcceptsTheBoundariesOfEachLength) {
  for (const char* text :
       {"", "abc\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(as_bytes(text))) << text;
  }
}

TEST(Utf8, RefusesSurrogatesOverlongFormsAndStrayBytes) {
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x20", "\xE0\x9F\xBF", "\xE0\xA0",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xE2\x82\xC0", "\xF0\x90\x80\xC0"}) {
    EXPECT_FALSE(is_utf8(as_bytes(text))) << text;
  }
}

TEST(Trimmed, takes_off_both_ends_what_is_named_and_nothing_else) {
  EXPECT_EQ(trimmed("", kBlank), "");
  EXPECT_EQ(trimmed(" \t \t", kBlank), "");
  EXPECT_EQ(trimmed("\t a b\t ", kBlank), "a b");
  EXPECT_EQ(trimmed(" a\r\n", kBlank), "a\r\n");
  EXPECT_EQ(trimmed("\n a b \r\n", kBlankOrLineEnd), "a b");
  EXPECT_EQ(trimmed("\va\f", kBlankOrLineEnd), "\va\f");
  EXPECT_EQ(trimmed(std::string_view("\0 ", 2), kBlankOrLineEnd), std::string_view("\0", 1));
}

}  // namespace
}  // namespace trustee::codec
