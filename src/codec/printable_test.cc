#include "codec/printable.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/json.h"
#include "codec/utf8.h"

namespace trustee::codec {
namespace {

TEST(Printable, leaves_what_is_printable_alone) {
  const std::string text = "a \"b\" `c` \\d … \xF0\x9F\x94\x92";
  EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, escapes_what_moves_the_cursor_the_line_or_the_direction) {
  EXPECT_EQ(printable("a\nb\r\tc\x1b[2J\x7f" + std::string(1, '\0')),
            "a\\nb\\r\\tc\\u001b[2J\\u007f\\u0000");
  EXPECT_EQ(printable("\xC2\x80|\xC2\x9F|\xC2\xA0"), "\\u0080|\\u009f|\xC2\xA0");
  EXPECT_EQ(printable("\xE2\x80\xA8|\xE2\x80\xA9|\xE2\x80\xAE|\xE2\x81\xA6|\xEF\xBB\xBF"),
            "\\u2028|\\u2029|\\u202e|\\u2066|\\ufeff");
}

TEST(Printable, replaces_what_is_no_utf8) {
  EXPECT_EQ(printable("a\xff|\xC3"), "a\xEF\xBF\xBD|\xEF\xBF\xBD");
}

TEST(Printable, counts_what_is_beyond_its_limit) {
  const std::string at(kMaxPrintable, 'x');
  EXPECT_EQ(printable(at), at);
  EXPECT_EQ(printable(at + "yz"), at + "[cut 2 bytes]");
  std::string out = "> ";
  append_printable(out, "abc", Quotes::keep, 2);
  EXPECT_EQ(out, "> ab[cut 1 bytes]");
}

RC_GTEST_PROP(PrintableProperty, QuotedIsAJsonStringOfTheText, (const std::string& text)) {
  std::string quoted;
  append_printable_quoted(quoted, text);
  RC_ASSERT(*json::parse(quoted)->as_string() == utf8_lossy(text));
  RC_ASSERT(printable(printable(text)) == printable(text));
}

}  // namespace
}  // namespace trustee::codec
