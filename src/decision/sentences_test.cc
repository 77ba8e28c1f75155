#include "decision/internal/sentences.h"

#include <gtest/gtest.h>

#include "codec/utf8.h"

namespace trustee::decision::internal {
namespace {

TEST(Shown, is_printable) {
  EXPECT_EQ(shown("a\nb\x1b[2J"), "`a\\nb\\u001b[2J`");
  EXPECT_EQ(shown(json::Array{"\x7f\xE2\x80\xAE"}), "`[\"\\u007f\\u202e\"]`");
}

TEST(Sentence, is_printable) {
  const Change change{Change::Kind::replace_value, "r\n", "c\n", "s\n", "p\n"};
  EXPECT_EQ(sentence(change, json::Value("n\n")), "`r\\n` is `n\\n`, but claim `c\\n` is `s\\n`");
}

TEST(Shown, cuts_long_texts_between_characters) {
  EXPECT_EQ(shown("short"), "`short`");
  EXPECT_EQ(shown(std::string(80, 'a')), "`" + std::string(80, 'a') + "`");
  EXPECT_EQ(shown(std::string(81, 'a')), "`" + std::string(40, 'a') + "…`");
  for (std::size_t before = 0; before < 4; ++before) {
    std::string text(before, 'a');
    for (int i = 0; i < 40; ++i) text += "\xF0\x9F\x94\x92";  // four bytes each
    const std::string cut = shown(text);
    EXPECT_TRUE(codec::is_utf8(as_bytes(cut))) << before;
    EXPECT_LE(cut.size(), 40U + std::string("`…`").size()) << before;
  }
}

}  // namespace
}  // namespace trustee::decision::internal
