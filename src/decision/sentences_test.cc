#include "decision/internal/sentences.h"

#include <gtest/gtest.h>

#include "codec/utf8.h"

namespace trustee::decision::internal {
namespace {

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
