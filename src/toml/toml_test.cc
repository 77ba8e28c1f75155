#include "toml/toml.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "toml/errors.h"

namespace trustee::toml {
namespace {

std::string json_of(std::string_view text, Foreign foreign = Foreign::serde) {
  const auto table = parse(text, foreign);
  return table.ok() ? json::write(json::Value(*table)) : std::string(table.error().code().name());
}

Code code_of(std::string_view text, Limits limits) {
  const auto table = parse(text, Foreign::plain, limits);
  return table.ok() ? Code(Errc::library) : table.error().code();
}

// Expected values: the specification's own examples (toml.io, version 1.1.0).
TEST(Toml, tables_arrays_and_dotted_keys_become_objects) {
  EXPECT_EQ(json_of("fruit.apple.smooth = true\nfruit.orange = 2\n"),
            R"({"fruit":{"apple":{"smooth":true},"orange":2}})");
  EXPECT_EQ(json_of("[[products]]\nname = \"Hammer\"\nsku = 738594937\n\n[[products]]  # empty\n\n"
                    "[[products]]\nname = \"Nail\"\n"),
            R"({"products":[{"name":"Hammer","sku":738594937},{},{"name":"Nail"}]})");
  EXPECT_EQ(json_of("[dog.\"tater.man\"]\ntype.name = \"pug\"\n"),
            R"({"dog":{"tater.man":{"type":{"name":"pug"}}}})");
  EXPECT_EQ(
      json_of("b = [ [ 1, 2 ], [\"a\", 'b', \"\"\"c\"\"\", '''d'''] ]\na = {x = 1,\n y = 2,\n}"),
      R"({"a":{"x":1,"y":2},"b":[[1,2],["a","b","c","d"]]})");
}

TEST(Toml, numbers_keep_their_kind) {
  EXPECT_EQ(json_of("a = +99\nb = 1_000\nc = 0xdead_beef\nd = 0o755\ne = 0b11010110\n"
                    "f = -9223372036854775808\ng = 18446744073709551615\n"),
            R"({"a":99,"b":1000,"c":3735928559,"d":493,"e":214,"f":-9223372036854775808,)"
            R"("g":18446744073709551615})");
  EXPECT_EQ(json_of("a = +1.0\nb = 3.1415\nc = -2E-2\nd = 6.626e-34\ne = 224_617.445_991_228\n"
                    "f = 5e+22\n"),
            R"({"a":1.0,"b":3.1415,"c":-0.02,"d":6.626e-34,"e":224617.445991228,"f":5e+22})");
  EXPECT_EQ(json_of("a = 18446744073709551616"), "not_representable");
  EXPECT_EQ(json_of("a = -9223372036854775809"), "not_representable");
  EXPECT_EQ(json_of("a = 1e400"), "not_representable");
}

TEST(Toml, what_json_lacks_becomes_what_the_caller_asks_for) {
  constexpr std::string_view kText =
      "a = 1979-05-27T07:32:00-08:00\nb = 1979-05-27\nc = 07:32:00.5\nd = [nan, -inf]\n";
  EXPECT_EQ(json_of(kText), R"({"a":{"$__toml_private_datetime":"1979-05-27T07:32:00-08:00"},)"
                            R"("b":{"$__toml_private_datetime":"1979-05-27"},)"
                            R"("c":{"$__toml_private_datetime":"07:32:00.5"},"d":[null,null]})");
  EXPECT_EQ(json_of(kText, Foreign::plain), "not_representable");
  EXPECT_EQ(json_of("a = 1979-05-27T07:32:00Z", Foreign::plain), R"({"a":"1979-05-27T07:32:00Z"})");
}

TEST(Toml, what_the_specification_forbids_is_a_syntax_error) {
  for (const char* text : {"a = 1\na = 2",
                           "[a]\n[a]",
                           "[a]\nb = 1\n[a.b]",
                           "a = [1]\n[[a]]",
                           "a.b = 1\na = 2",
                           "a = {b = 1}\na.c = 2",
                           "key = # none",
                           "a = 1 b = 2",
                           "= 1",
                           "a = 01",
                           "a = 1.",
                           "a = .5",
                           "a = 1__0",
                           "a = 2026-13-01",
                           "a = \"\\q\"",
                           "a = \"\n\"",
                           "a = 'x\x01'",
                           "[/x]",
                           "[a./]",
                           "[[ =a]]",
                           "r\xd1\x9a = 1",
                           "a = 0\"\xd1\x9a\"",
                           "\xff = 1",
                           "a = \"\xff\"",
                           "a = \"\\uD800\""}) {
    EXPECT_EQ(json_of(text), "syntax") << text;
  }
}

TEST(Toml, an_error_names_line_and_column) {
  const auto table = parse("a = 1\nb = = 2\n", Foreign::plain);
  ASSERT_FALSE(table.ok());
  EXPECT_TRUE(table.error().detail().starts_with("line 2, column 5: ")) << table.error().detail();
}

TEST(Toml, bytes_depth_and_items_are_bounded) {
  const Limits limits{.bytes = 64, .depth = 4, .items = 12};
  EXPECT_TRUE(parse(std::string(64, ' '), Foreign::plain, limits).ok());
  EXPECT_EQ(code_of(std::string(65, ' '), limits), Code(Errc::too_large));
  EXPECT_TRUE(parse("a = [[[1]]]", Foreign::plain, limits).ok());
  EXPECT_EQ(code_of("a = [[[[]]]]", limits), Code(Errc::too_deep));
  EXPECT_TRUE(parse("a.b.c.d = 1", Foreign::plain, limits).ok());
  EXPECT_EQ(code_of("a.b.c.d.e = 1", limits), Code(Errc::too_deep));
  // The key, the array, ten values.
  EXPECT_TRUE(parse("a = [0,1,2,3,4,5,6,7,8,9]", Foreign::plain, limits).ok());
  EXPECT_EQ(code_of("a = [0,1,2,3,4,5,6,7,8,9,0]", limits), Code(Errc::too_large));
  const Limits wide{
      .bytes = 4U << 20U, .depth = 64, .items = std::numeric_limits<std::uint32_t>::max()};
  EXPECT_EQ(code_of("a = " + std::string(2'000'000, '['), wide), Code(Errc::too_deep));
  EXPECT_FALSE(parse("a = 1", Foreign::plain, {.depth = 65}).ok());
}

}  // namespace
}  // namespace trustee::toml
