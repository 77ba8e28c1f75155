#include "codec/utf16.h"

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"

namespace trustee::codec {
namespace {

TEST(Utf16, EveryLengthOfUtf8IsWritten) {
  // "A", U+00E9, U+20AC, U+1F511; the UTF-8 is Python's.
  const ByteVec text = from_hex("4100 e900 ac20 3dd8 11dd");
  EXPECT_EQ(utf16le_decode(text).value(), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91");
  EXPECT_EQ(utf16le_lossy(text), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91");
}

TEST(Utf16, TheEndsOfThePlanesAreWritten) {
  const ByteVec text = from_hex("7f00 8000 ff07 0008 ffff 00d8 00dc ffdb ffdf");
  EXPECT_EQ(utf16le_decode(text).value(),
            "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
}

TEST(Utf16, AnUnpairedSurrogateIsRefusedOrReplaced) {
  const std::string_view cases[] = {"3dd8", "11dd", "3dd8 4100", "3dd8 3dd8 11dd"};
  const std::string_view lossy[] = {"\xEF\xBF\xBD", "\xEF\xBF\xBD",
                                    "\xEF\xBF\xBD"
                                    "A",
                                    "\xEF\xBF\xBD\xF0\x9F\x94\x91"};
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    const ByteVec text = from_hex(cases[i]);
    EXPECT_FALSE(utf16le_decode(text).has_value()) << cases[i];
    EXPECT_EQ(utf16le_lossy(text), lossy[i]) << cases[i];
  }
}

TEST(Utf16, AnOddByteIsRefusedOrDropped) {
  const ByteVec text = from_hex("4100 42");
  EXPECT_FALSE(utf16le_decode(text).has_value());
  EXPECT_EQ(utf16le_lossy(text), "A");
}

}  // namespace
}  // namespace trustee::codec
