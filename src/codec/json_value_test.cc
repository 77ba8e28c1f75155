#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "codec/json.h"
#include "codec/json_compact.h"

namespace trustee::json {
namespace {

using codec::Errc;

template <class T>
bool fails_with(const Result<T>& result, Errc code) {
  return !result.ok() && result.error().is(code);
}

TEST(JsonObject, SetsAppendsAndRemoves) {
  Object o{{"a", 1}, {"b", "x"}};
  o.set("a", 2);
  o.set("c", true);
  o.append("d", nullptr);
  EXPECT_EQ(write(o), R"({"a":2,"b":"x","c":true,"d":null})");
  EXPECT_EQ(*o.remove("b"), Value("x"));
  EXPECT_EQ(o.remove("b"), std::nullopt);
  EXPECT_FALSE(o.contains("b"));
  EXPECT_EQ(o.size(), 3U);
}

TEST(JsonValue, ComparesMembersInAnyOrderAndNumbersByText) {
  EXPECT_EQ(*parse(R"({"a":1,"b":[1,{"x":2,"y":3}]})"), *parse(R"({"b":[1,{"y":3,"x":2}],"a":1})"));
  EXPECT_FALSE(*parse("[1,2]") == *parse("[2,1]"));
  EXPECT_FALSE(*parse("1") == *parse("1.0"));
  EXPECT_FALSE(*parse("1") == *parse("\"1\""));
  EXPECT_FALSE(*parse(R"({"a":1})") == *parse(R"({"a":1,"b":2})"));
  EXPECT_FALSE(*parse(R"({"a":1})") == *parse(R"({"b":1})"));
}

TEST(JsonValue, FollowsPointersAsRfc6901Says) {
  const Value v = *parse(
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})");
  EXPECT_EQ(v.at_pointer(""), &v);
  EXPECT_EQ(write(*v.at_pointer("/foo/0")), "\"bar\"");
  EXPECT_EQ(write(*v.at_pointer("/")), "0");
  EXPECT_EQ(write(*v.at_pointer("/a~1b")), "1");
  EXPECT_EQ(write(*v.at_pointer("/m~0n")), "8");
  EXPECT_EQ(write(*v.at_pointer("/ ")), "7");
  for (const char* absent : {"foo", "/foo/2", "/foo/00", "/foo/-", "/foo/+0", "/foo/", "/x", "/m~n",
                             "/m~", "/m~2n", "/foo/0/x", "/foo/99999999999999999999"}) {
    EXPECT_EQ(v.at_pointer(absent), nullptr) << absent;
  }
}

TEST(JsonMembers, SayWhatIsMissingOrOfAnotherType) {
  const Value v = *parse(R"({"s":"x","u":5,"i":-5,"b":true,"o":{},"a":[],"f":1.5})");
  const Object& o = **object_of(v, "test");
  EXPECT_EQ(**string_member(o, "s"), "x");
  EXPECT_EQ(*u64_member(o, "u"), 5U);
  EXPECT_EQ(*i64_member(o, "i"), -5);
  EXPECT_TRUE(*bool_member(o, "b"));
  EXPECT_TRUE((*object_member(o, "o"))->empty());
  EXPECT_TRUE((*array_member(o, "a"))->empty());
  EXPECT_TRUE(fails_with(string_member(o, "none"), Errc::json_missing_member));
  EXPECT_TRUE(fails_with(string_member(o, "u"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(u64_member(o, "i"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(u64_member(o, "s"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(i64_member(o, "f"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(i64_member(o, "s"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(bool_member(o, "s"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(object_member(o, "a"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(array_member(o, "o"), Errc::json_wrong_type));
  EXPECT_TRUE(fails_with(object_of(Value(1), "test"), Errc::json_wrong_type));
  EXPECT_EQ(string_member(o, "u").error().detail(), "u is number, not string");
}

TEST(JsonRawMember, ReturnsTheSignedSpanOfIntelsTcbInfo) {
  std::ifstream file("src/codec/testdata/tcbInfo.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_EQ(text.size(), 2836U);
  const auto span = raw_member(text, "tcbInfo");
  ASSERT_TRUE(span.ok());
  // The span over which python3-cryptography verified the document's signature.
  EXPECT_EQ(span->data() - text.data(), 11);
  EXPECT_EQ(span->size(), 2680U);
}

TEST(JsonRawMember, KeepsEveryByteOfTheValue) {
  const auto raw = [](std::string_view text, std::string_view name) {
    const auto span = raw_member(text, name);
    return span.ok() ? std::string(*span) : std::string(span.error().code().name());
  };
  const std::string text =
      " {\"a\" : [ 1 , \"]}\\\"\" ] , \"b\":-1.50e+2\n,\"\\u0063\":\"x\\\\\",\"d\":{\"a\":\"in\"} "
      "} ";
  EXPECT_EQ(raw(text, "a"), "[ 1 , \"]}\\\"\" ]");
  EXPECT_EQ(raw(text, "b"), "-1.50e+2");
  EXPECT_EQ(raw(text, "c"), "\"x\\\\\"");
  EXPECT_EQ(raw(text, "d"), "{\"a\":\"in\"}");
  EXPECT_EQ(raw(text, "in"), "json_missing_member");
  EXPECT_EQ(raw("{}", "a"), "json_missing_member");
  EXPECT_EQ(raw("{\"a\":1}", "a"), "1");
  EXPECT_EQ(raw("{\"a\":\"\"}", "a"), "\"\"");
  EXPECT_EQ(raw("{\"a\":{\"b\":1}}", "b"), "json_missing_member");
  EXPECT_EQ(raw("{\"b\":\"a\",\"a\":2}", "a"), "2");
  EXPECT_EQ(raw("[1]", "a"), "json_wrong_type");
  EXPECT_EQ(raw("{\"a\":1,\"a\":2}", "a"), "json_duplicate_member");
  EXPECT_EQ(raw("{\"a\":1} x", "a"), "json_syntax");
}

TEST(JsonRaw, CompactedTextHasTheSameTokensWithoutWhiteSpace) {
  EXPECT_EQ(compacted(" {\n \"a b\\\" \\\\\" : [ 1.50e+2 ,\tnull ] }\r\n"),
            "{\"a b\\\" \\\\\":[1.50e+2,null]}");
}

TEST(JsonRaw, GivesAllMembersAndAllElementsAsTheyStand) {
  const auto members = raw_members(R"( { "a" : [ 1 , 2 ] , "\u0062":"x,}" ,"c":null } )").value();
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].name, "a");
  EXPECT_EQ(members[0].value, "[ 1 , 2 ]");
  EXPECT_EQ(members[1].name, "b");
  EXPECT_EQ(members[1].value, R"("x,}")");
  EXPECT_EQ(members[2].value, "null");
  const auto elements = raw_elements(R"( [ 1 ,"a,]" , [ {} ],-2e1 ] )").value();
  EXPECT_EQ(elements, (std::vector<std::string_view>{"1", R"("a,]")", "[ {} ]", "-2e1"}));
  EXPECT_TRUE(raw_elements(" [ ] ").value().empty());
  EXPECT_TRUE(raw_members("{}").value().empty());
  EXPECT_TRUE(raw_elements("{}").error().is(codec::Errc::json_wrong_type));
  EXPECT_TRUE(raw_members("[]").error().is(codec::Errc::json_wrong_type));
  EXPECT_TRUE(raw_elements("[1,]").error().is(codec::Errc::json_syntax));
}

}  // namespace
}  // namespace trustee::json
