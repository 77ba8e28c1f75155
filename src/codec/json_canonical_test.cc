#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "codec/json.h"

namespace trustee::json {
namespace {

std::string canonical(std::string_view text) { return *canonicalise(*parse(text)); }

std::string canonical_number(std::uint64_t bits) {
  return *canonicalise(*Number::from_double(std::bit_cast<double>(bits)));
}

// Source  RFC 8785, appendix B.
constexpr std::pair<std::uint64_t, const char*> kAppendixB[] = {
    {0x0000000000000000, "0"},
    {0x8000000000000000, "0"},
    {0x0000000000000001, "5e-324"},
    {0x8000000000000001, "-5e-324"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0xffefffffffffffff, "-1.7976931348623157e+308"},
    {0x4340000000000000, "9007199254740992"},
    {0xc340000000000000, "-9007199254740992"},
    {0x4430000000000000, "295147905179352830000"},
    {0x44b52d02c7e14af5, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4e, "999999999999999700000"},
    {0x444b1ae4d6e2ef4f, "999999999999999900000"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8d, "0.000001"},
    {0x41b3de4355555553, "333333333.3333332"},
    {0x41b3de4355555554, "333333333.33333325"},
    {0x41b3de4355555555, "333333333.3333333"},
    {0x41b3de4355555556, "333333333.3333334"},
    {0x41b3de4355555557, "333333333.33333343"},
    {0xbecbf647612f3696, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959, "1424953923781206.2"},
};

TEST(JsonCanonical, WritesTheNumbersOfAppendixB) {
  for (const auto& [bits, text] : kAppendixB) {
    EXPECT_EQ(canonical_number(bits), text);
  }
}

TEST(JsonCanonical, WritesNumbersAsEcmascriptDoes) {
  std::ifstream file("src/codec/testdata/ecmascript-numbers.txt");
  std::string bits;
  std::string text;
  int count = 0;
  for (; file >> bits >> text; ++count) {
    EXPECT_EQ(canonical_number(std::stoull(bits, nullptr, 16)), text) << bits;
  }
  EXPECT_EQ(count, 414);
}

TEST(JsonCanonical, ReproducesTheExampleOfSection3) {
  EXPECT_EQ(canonical(R"({
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
})"),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
            "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST(JsonCanonical, SortsNamesByUtf16CodeUnits) {
  // Source  RFC 8785, section 3.2.3.
  const Value v = *parse(canonical(R"({
  "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"})"));
  std::string order;
  for (const Member& m : *v.as_object()) {
    order += *m.value.as_string() + "\n";
  }
  EXPECT_EQ(order,
            "Carriage Return\nOne\nControl\nLatin Small Letter O With Diaeresis\nEuro Sign\n"
            "Emoji: Grinning Face\nHebrew Letter Dalet With Dagesh\n");
}

TEST(JsonCanonical, SortsShorterNamesFirst) {
  EXPECT_EQ(
      canonical(R"({"ab":1,"a":2,"":3,"\ue000":4,"\ud800\udc00":5,"\uffff":6})"),
      "{\"\":3,\"a\":2,\"ab\":1,\"\xF0\x90\x80\x80\":5,\"\xEE\x80\x80\":4,\"\xEF\xBF\xBF\":6}");
}

TEST(JsonCanonical, AgreesWithTheDigestsOfTheProtocol) {
  std::ifstream file("src/codec/testdata/jcs-cases.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Value cases = *parse(text);
  ASSERT_EQ(cases.as_array()->size(), 6U);
  for (const Value& c : *cases.as_array()) {
    EXPECT_EQ(*canonicalise(*c.at_pointer("/document")), *c.at_pointer("/canonical")->as_string());
  }
}

TEST(JsonCanonical, RefusesWhatHasNoCanonicalForm) {
  const auto refused = [](const Value& v) {
    const auto out = canonicalise(v);
    return !out.ok() && out.error().is(codec::Errc::json_not_canonicalisable);
  };
  EXPECT_TRUE(refused(Array{*Number::from_text("1e400")}));
  EXPECT_TRUE(refused("\xFF"));
  EXPECT_TRUE(refused("\xED\xA0\x80"));
  Object twice;
  twice.append("a", 1);
  twice.append("a", 2);
  EXPECT_TRUE(refused(twice));
}

}  // namespace
}  // namespace trustee::json
