#include "codec/percent.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/utf8.h"

namespace trustee::codec {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Percent, DecodesOnceAndLeavesStrayPercentSigns) {
  EXPECT_EQ(percent_decode("a%2Fb%2fc"), "a/b/c");
  EXPECT_EQ(percent_decode("%252F"), "%2F");
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%2"), "%2");
  EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
  EXPECT_EQ(percent_decode("%%41"), "%A");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%00%ff"), std::string("\0\xff", 2));
}

TEST(Percent, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a/b c+\xC3\xA9%"), "a%2Fb%20c%2B%C3%A9%25");
}

TEST(Percent, DecodesQueriesAsForms) {
  const Pairs pairs = form_decode("a=1&b=x+y%2Bz&c&=v&&d=1=2&a=3&e=%ff");
  const Pairs expected{{"a", "1"}, {"b", "x y+z"},       {"c", ""}, {"", "v"}, {"d", "1=2"},
                       {"a", "3"}, {"e", "\xEF\xBF\xBD"}};
  EXPECT_EQ(pairs, expected);
  EXPECT_EQ(*form_value(pairs, "a"), "3");
  EXPECT_EQ(*form_value(pairs, "c"), "");
  EXPECT_EQ(form_value(pairs, "absent"), nullptr);
  EXPECT_TRUE(form_decode("").empty());
  EXPECT_TRUE(form_decode("&&").empty());
}

TEST(Percent, ReplacesIllFormedPartsAsOthersDo) {
  // Expected: Python's bytes.decode("utf8", "replace"), which follows the same Unicode practice.
  EXPECT_EQ(utf8_lossy("a\xff"
                       "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(utf8_lossy("\xE2\x82"), "\xEF\xBF\xBD");
  EXPECT_EQ(utf8_lossy("\xF0\x90\x80"
                       "A"),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(utf8_lossy("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(utf8_lossy("\xE2\x82\xAC"), "\xE2\x82\xAC");
}

}  // namespace
}  // namespace trustee::codec
