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

// U+0085, U+009B, U+061C, U+200E, U+202E, U+2028, U+2066, U+FEFF; C1 also as a byte of its own.
constexpr std::string_view kUnsafe =
    "\xc2\x85\xc2\x9b\xd8\x9c\xe2\x80\x8e\xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa6\xef\xbb\xbf\x9b";

TEST(Printable, of_several_lines_keeps_their_ends_alone) {
  EXPECT_EQ(printable_lines(""), "");
  EXPECT_EQ(printable_lines("a\x1b\nb\r\n\n"), "a\\u001b\nb\\r\n\n");
  EXPECT_EQ(printable_lines("a\nb"), "a\nb");
}

// What Rust's `{:?}` prints for a str (core::fmt::Debug, char::escape_debug).
TEST(Printable, texts_are_quoted_as_rust_does) {
  EXPECT_EQ(debug_quoted(""), R"("")");
  EXPECT_EQ(debug_quoted("a'b"), R"("a'b")");
  EXPECT_EQ(debug_quoted("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(debug_quoted(std::string_view("\0\x01\x1b\x7f", 4)), R"("\0\u{1}\u{1b}\u{7f}")");
  EXPECT_EQ(debug_quoted("grün"), "\"grün\"");
  EXPECT_EQ(debug_quoted(kUnsafe),
            "\"\\u{85}\\u{9b}\\u{61c}\\u{200e}\\u{202e}\\u{2028}\\u{2066}\\u{feff}\xef\xbf\xbd\"");
}

TEST(Printable, of_several_lines_is_whole) {
  const std::string longer(kMaxPrintable + 1, 'x');
  EXPECT_EQ(printable_lines(longer + '\n' + longer), longer + '\n' + longer);
  EXPECT_EQ(debug_quoted(longer), '"' + longer + '"');
}

RC_GTEST_PROP(PrintableProperty, QuotedIsAJsonStringOfTheText, (const std::string& text)) {
  std::string quoted;
  append_printable_quoted(quoted, text);
  RC_ASSERT(*json::parse(quoted)->as_string() == utf8_lossy(text));
  RC_ASSERT(printable(printable(text)) == printable(text));
}

}  // namespace
}  // namespace trustee::codec
