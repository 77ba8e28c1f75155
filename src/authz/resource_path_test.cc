#include "authz/resource_path.h"

#include <gtest/gtest.h>

#include "authz/errors.h"
#include "tests/support/case.h"

namespace trustee::authz {
namespace {

TEST(ResourcePath, accepts_three_parts_of_the_permitted_characters) {
  CASE("KBS-S1");
  for (const char* good :
       {"default/1/2", "repo/type/tag", "123--_default/1Abff-_/___-afds44BC", "1.ok/2ok./3..."}) {
    const auto path = ResourcePath::parse(good);
    ASSERT_TRUE(path.ok()) << good;
    EXPECT_EQ(path->text(), good);
  }
}

TEST(ResourcePath, refuses_everything_else) {
  for (const char* bad :
       {"/1/2", "/repo/type/tag", "1/2", ".1.ok/2ok./3...", "1.ok/.2ok./3...", "1.ok/2ok./.3...",
        "a/b/c/d", "a/b/", "", "a//c", "a/b/c ", "a/b/\xc3\xa9", "a/../c"}) {
    const auto path = ResourcePath::parse(bad);
    ASSERT_FALSE(path.ok()) << bad;
    EXPECT_TRUE(path.error().is(Errc::resource_path_malformed)) << bad;
  }
}

TEST(ResourcePath, joins_segments_as_the_url_had_them) {
  const std::string segments[] = {"a", "b/c"};
  EXPECT_EQ(ResourcePath::from_segments(segments)->text(), "a/b/c");
  const std::string with_empty[] = {"resource", "", "x"};
  EXPECT_FALSE(ResourcePath::from_segments(with_empty).ok());
}

}  // namespace
}  // namespace trustee::authz
