#include <gtest/gtest.h>

#include <string>

#include "codec/json.h"

namespace trustee::json {
namespace {

using codec::Errc;

Value parsed(std::string_view text) {
  auto value = parse(text);
  EXPECT_TRUE(value.ok()) << text << ": " << (value.ok() ? "" : value.error().to_string());
  return value.ok() ? *std::move(value) : Value();
}

/// The name of the code that `text` is refused with, or `accepted`.
std::string refusal(std::string_view text, Duplicates duplicates = Duplicates::refuse,
                    Limits limits = {}) {
  auto value = parse(text, duplicates, limits);
  return value.ok() ? "accepted" : std::string(value.error().code().name());
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonRead, ReadsEveryKindOfValue) {
  const Value v =
      parsed(R"( {"n":null,"t":true,"f":false,"i":-12,"s":"x\n\u00e9","a":[1,[]],"o":{}} )");
  EXPECT_TRUE(v.at_pointer("/n")->is_null());
  EXPECT_TRUE(*v.at_pointer("/t")->as_bool());
  EXPECT_FALSE(*v.at_pointer("/f")->as_bool());
  EXPECT_EQ(v.at_pointer("/i")->as_number()->as_i64(), -12);
  EXPECT_EQ(*v.at_pointer("/s")->as_string(), "x\n\xC3\xA9");
  EXPECT_EQ(v.at_pointer("/a")->as_array()->size(), 2U);
  EXPECT_TRUE(v.at_pointer("/o")->as_object()->empty());
  EXPECT_EQ(v.at_pointer("/absent"), nullptr);
}

TEST(JsonRead, KeepsMembersInTheirOrder) {
  std::string names;
  const Value v = parsed(R"({"b":1,"a":2,"c":3})");
  for (const Member& m : *v.as_object()) {
    names += m.name;
  }
  EXPECT_EQ(names, "bac");
}

TEST(JsonRead, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "01",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "-",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "nul",
                           "tru",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\t\"",
                           "[1] 2",
                           "{} x",
                           "[1]]",
                           "//\n1",
                           "/**/1",
                           "\xEF\xBB\xBF{}",
                           "1 ,",
                           "[1 2]",
                           "{\"a\" 1}",
                           "0x10",
                           "1_000",
                           "--1",
                           "[,1]",
                           "\"a\nb\""}) {
    EXPECT_EQ(refusal(text), "json_syntax") << text;
  }
  EXPECT_EQ(refusal(std::string_view("1\0", 2)), "json_syntax");
}

TEST(JsonRead, RefusesTextThatIsNotUtf8AndLoneSurrogates) {
  for (const char* text : {"\"\xFF\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                           "\"\xE2\x82\"", R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")"}) {
    EXPECT_EQ(refusal(text), "json_syntax") << text;
  }
  EXPECT_EQ(*parsed(R"("\ud83d\ude00")").as_string(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(*parsed(R"("\u0000")").as_string(), std::string(1, '\0'));
}

TEST(JsonRead, RefusesARepeatedMemberUnlessToldOtherwise) {
  EXPECT_EQ(refusal(R"({"a":1,"b":2,"a":3})"), "json_duplicate_member");
  EXPECT_EQ(refusal(R"({"x":{"a":1,"\u0061":3}})"), "json_duplicate_member");
  EXPECT_EQ(refusal(R"([{"a":1},{"a":1}])"), "accepted");
  const auto last = parse(R"({"a":1,"b":2,"a":3,"a":4})", Duplicates::last_wins);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(write(*last), R"({"a":4,"b":2})");
}

TEST(JsonRead, KeepsNumbersAsTheirText) {
  for (const char* text :
       {"0", "-0", "-0.0", "1.00", "18446744073709551616", "-9223372036854775809",
        "123456789012345678901234567890", "2.2250738585072011e-308", "1e-400",
        "0.1000000000000000055511151231257827"}) {
    EXPECT_EQ(parsed(text).as_number()->text(), text);
  }
}

TEST(JsonRead, WritesExponentsAsSerdeDoes) {
  // Source  serde_json 1.0.154 with arbitrary_precision.
  EXPECT_EQ(write(parsed("[1e2,1E2,1E+2,1e-2,0e0,1.0E5,1e007]")),
            "[1e+2,1e+2,1e+2,1e-2,0e+0,1.0e+5,1e+007]");
}

TEST(JsonRead, RefusesNumbersBeyondADouble) {
  EXPECT_EQ(refusal("1.7976931348623157e308"), "accepted");
  EXPECT_EQ(refusal("1.7976931348623158e308"), "accepted");  // rounds to the largest double
  EXPECT_EQ(refusal("1.7976931348623159e308"), "json_syntax");
  EXPECT_EQ(refusal("1e309"), "json_syntax");
  EXPECT_EQ(refusal("-1e400"), "json_syntax");
  EXPECT_EQ(refusal("0e400"), "accepted");
  EXPECT_EQ(refusal("0.0001e312"), "accepted");
  EXPECT_EQ(refusal("0.0001e313"), "json_syntax");
  EXPECT_EQ(refusal("1" + std::string(308, '0')), "accepted");
  EXPECT_EQ(refusal("1" + std::string(309, '0')), "json_syntax");
}

TEST(JsonRead, HoldsTheLimitOfDepth) {
  EXPECT_EQ(refusal(nested(64)), "accepted");
  EXPECT_EQ(refusal(nested(65)), "json_too_deep");
  EXPECT_EQ(refusal(nested(200000)), "json_too_deep");
  EXPECT_EQ(refusal("{\"a\":[]}", Duplicates::refuse, {.depth = 2}), "accepted");
  EXPECT_EQ(refusal("{\"a\":[{}]}", Duplicates::refuse, {.depth = 2}), "json_too_deep");
}

TEST(JsonRead, CopiesComparesWritesAndDestroysAtTheCeilingOfDepth) {
  const Limits deep{.depth = 100000};
  EXPECT_EQ(refusal(nested(kDepthCeiling + 1), Duplicates::refuse, deep), "json_too_deep");
  const auto value = parse(nested(kDepthCeiling), Duplicates::refuse, deep);
  ASSERT_TRUE(value.ok());
  const Value copy = *value;
  EXPECT_TRUE(copy == *value);
  EXPECT_EQ(write(copy), nested(kDepthCeiling));
  EXPECT_EQ(*canonicalise(copy), nested(kDepthCeiling));
}

TEST(JsonRead, HoldsTheLimitOfBytes) {
  EXPECT_EQ(refusal("[10]", Duplicates::refuse, {.bytes = 4}), "accepted");
  EXPECT_EQ(refusal("[10 ]", Duplicates::refuse, {.bytes = 4}), "json_too_large");
}

TEST(JsonRead, HoldsTheLimitOfValues) {
  EXPECT_EQ(refusal("[1,{\"a\":2}]", Duplicates::refuse, {.values = 4}), "accepted");
  EXPECT_EQ(refusal("[1,{\"a\":2},3]", Duplicates::refuse, {.values = 4}), "json_too_large");
}

TEST(JsonRead, SaysWhereTheTextGoesWrong) {
  EXPECT_EQ(parse("[1,2,x]").error().detail(), "syntax error at offset 5");
  const std::string far = "[" + std::string(10000, ' ') + "?]";
  EXPECT_TRUE(parse(far).error().detail().ends_with("at offset 10001"))
      << parse(far).error().detail();
  EXPECT_TRUE(parse("[] 1").error().detail().ends_with("at offset 3"));
}

}  // namespace
}  // namespace trustee::json
