#include "client/printable.h"

#include <gtest/gtest.h>

namespace trustee::client {
namespace {

// U+0085, U+009B, U+061C, U+200E, U+202E, U+2028, U+2066, U+FEFF; C1 also as a byte of its own.
constexpr std::string_view kUnsafe =
    "\xc2\x85\xc2\x9b\xd8\x9c\xe2\x80\x8e\xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa6\xef\xbb\xbf\x9b";

TEST(Printable, has_no_character_that_moves_a_terminal) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("a'b\"c\\d gr\xc3\xbcn \xf0\x9f\x94\x91"),
            "a'b\"c\\d gr\xc3\xbcn \xf0\x9f\x94\x91");
  EXPECT_EQ(printable("a\n\r\tb"), "a\\n\\r\\tb");
  EXPECT_EQ(printable(std::string_view("\0\x01\x1b\x7f", 4)), "\\u0000\\u0001\\u001b\\u007f");
  EXPECT_EQ(printable(kUnsafe),
            "\\u0085\\u009b\\u061c\\u200e\\u202e\\u2028\\u2066\\ufeff\xef\xbf\xbd");
}

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

}  // namespace
}  // namespace trustee::client
