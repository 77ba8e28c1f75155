#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "codec/json.h"

namespace trustee::json {
namespace {

Value parsed(std::string_view text) { return *parse(text); }

TEST(JsonWrite, EscapesAsSerdeDoes) {
  // Source  serde_json 1.0.154, Value::String(..).to_string() of the same text.
  const std::string text(
      "\x00\x01\x08\t\n\x0b\x0c\r\x1f\x7f/\"\\\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA8", 22);
  EXPECT_EQ(write(Value(text)),
            "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\x7f/"
            "\\\"\\\\\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA8"
            "\"");
}

TEST(JsonWrite, EscapesEachByteAtEachPlaceAlike) {
  const auto alone = [](char c) {
    std::string out;
    append_quoted(out, std::string_view(&c, 1));
    return out.substr(1, out.size() - 2);
  };
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool escaped = byte < 0x20 || c == '"' || c == '\\';
    EXPECT_EQ(alone(c).size() > 1, escaped) << byte;
    for (std::size_t at = 0; at < 20; ++at) {
      for (const char around : {'a', '!', '\x7f', '\xff'}) {
        std::string text(20, around);
        text[at] = c;
        std::string quoted;
        append_quoted(quoted, text);
        EXPECT_EQ(quoted,
                  '"' + std::string(at, around) + alone(c) + std::string(19 - at, around) + '"')
            << byte << " at " << at;
      }
    }
  }
}

TEST(JsonWrite, IsCompactAndKeepsTheOrder) {
  const std::string text = R"({"b":[1,true,null,"x"],"a":{"z":{},"y":[]}})";
  EXPECT_EQ(write(parsed(text)), text);
}

TEST(JsonWrite, SortsByBytesAtEveryDepth) {
  const Value v = parsed(R"({"b":[{"d":1,"c":2}],"a":{"z":1,"y":2},"B":0,"\u00e9":1,"":2})");
  const std::string sorted = R"({"":2,"B":0,"a":{"y":2,"z":1},"b":[{"c":2,"d":1}],"é":1})";
  EXPECT_EQ(write_sorted(v), sorted);
  Value copy = v;
  copy.as_object()->sort_deep();
  EXPECT_EQ(write(copy), sorted);
}

TEST(JsonWrite, IndentsAsSerdesPrettyFormDoes) {
  EXPECT_EQ(
      write_pretty(parsed(R"({"a":[],"b":{},"c":[1,{"d":null}]})")),
      "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": null\n    }\n  ]\n}");
}

TEST(JsonNumber, IsWrittenAsSerdeWritesIt) {
  std::ifstream file("src/codec/testdata/serde-numbers.txt");
  std::string kind;
  std::string in;
  std::string expected;
  int count = 0;
  while (file >> kind >> in >> expected) {
    ++count;
    if (kind == "d") {
      const double d = std::bit_cast<double>(std::stoull(in, nullptr, 16));
      const Number n = *Number::from_double(d);
      EXPECT_EQ(n.text(), expected) << in;
      EXPECT_EQ(std::bit_cast<std::uint64_t>(n.as_double()), std::bit_cast<std::uint64_t>(d)) << in;
    } else {
      EXPECT_EQ(Number::from_text(in)->text(), expected) << in;
      EXPECT_EQ(write(parsed(in)), expected) << in;
    }
  }
  EXPECT_EQ(count, 423);
}

TEST(JsonNumber, RefusesWhatIsNotFiniteOrNotANumber) {
  for (const double d : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_TRUE(Number::from_double(d).error().is(codec::Errc::json_syntax));
  }
  for (const char* text :
       {"", "-", "01", "1.", ".1", "1e", "+1", "1 ", "0x1", "1e+", "1,0", "--1"}) {
    ASSERT_FALSE(Number::from_text(text).ok()) << text;
    EXPECT_TRUE(Number::from_text(text).error().is(codec::Errc::json_syntax)) << text;
  }
}

TEST(JsonNumber, ConvertsToIntegersOnlyInRange) {
  EXPECT_EQ(Number::from_text("9223372036854775807")->as_i64(), INT64_MAX);
  EXPECT_EQ(Number::from_text("-9223372036854775808")->as_i64(), INT64_MIN);
  EXPECT_EQ(Number::from_text("9223372036854775808")->as_i64(), std::nullopt);
  EXPECT_EQ(Number::from_text("18446744073709551615")->as_u64(), UINT64_MAX);
  EXPECT_EQ(Number::from_text("18446744073709551616")->as_u64(), std::nullopt);
  EXPECT_EQ(Number::from_text("-1")->as_u64(), std::nullopt);
  EXPECT_EQ(Number::from_text("1.0")->as_i64(), std::nullopt);
  EXPECT_EQ(Number::from_text("1e2")->as_u64(), std::nullopt);
  EXPECT_TRUE(Number::from_text("-0")->is_integer());
  EXPECT_FALSE(Number::from_text("1E0")->is_integer());
  EXPECT_FALSE(Number::from_text("1.0")->is_integer());
  EXPECT_EQ(Number(std::uint64_t{UINT64_MAX}).text(), "18446744073709551615");
  EXPECT_EQ(Number(-5).text(), "-5");
}

TEST(JsonNumber, ReadsAsTheNearestDoubleOrInfinity) {
  EXPECT_EQ(Number::from_text("1e400")->as_double(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Number::from_text("-1e400")->as_double(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(Number::from_text("1e-400")->as_double(), 0.0);
  EXPECT_TRUE(std::signbit(Number::from_text("-1e-400")->as_double()));
  EXPECT_EQ(Number::from_text("0e99999999999999999999")->as_double(), 0.0);
  EXPECT_EQ(Number::from_text("1e-99999999999999999999")->as_double(), 0.0);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(Number::from_text("2.2250738585072011e-308")->as_double()),
            0x000fffffffffffffU);
}

}  // namespace
}  // namespace trustee::json
