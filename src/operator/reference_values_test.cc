#include "operator/reference_values.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "operator/errors.h"
#include "operator/operator_testdata.h"
#include "reference/record.h"
#include "tests/support/case.h"

namespace trustee::operators {
namespace {

// Operator specification, section 3.5: the record of svn = 1.
constexpr std::string_view kSvn =
    "eyJuYW1lIjoic3ZuIiwiZXhwaXJhdGlvbiI6IjIwMjctMDEtMDFUMDA6MDA6MDBaIiwidmFsdWUiOjF9";

Result<UnitedReferenceValues> unite(const std::string* object, const std::string* array) {
  return unite_reference_values(object, array);
}

/// The value under `name`, read as the service will read it.
std::string value_of(const UnitedReferenceValues& united, std::string_view name) {
  const auto object = object_of_text(united.text);
  const auto* encoded = object.find(name);
  if (encoded == nullptr) {
    return "nothing";
  }
  const auto bytes = codec::base64url_padded_decode(*encoded->as_string());
  const auto record = reference::parse_record(as_text(bytes.value()));
  return json::write(record.value().value);
}

TEST(ReferenceValues, of_the_object_form_are_kept_as_they_are) {
  CASE("OP-78");
  const std::string text = R"({"svn":")" + std::string(kSvn) + "\"}\n";
  const auto united = unite(&text, nullptr);
  ASSERT_TRUE(united.ok());
  EXPECT_EQ(united->text, R"({"svn":")" + std::string(kSvn) + "\"}");
  EXPECT_TRUE(united->problems.empty());
  EXPECT_EQ(value_of(*united, "svn"), "1");
  EXPECT_EQ(value_of(*united, "other"), "nothing");
}

TEST(ReferenceValues, of_both_forms_are_united_and_the_array_wins) {
  CASE("OP-77");
  const std::string object = R"({"svn":")" + std::string(kSvn) + "\"}";
  const std::string array = R"([
    {"name":"snp_pcr08","expiration":"2027-12-12T00:00:00Z","value":["0a","0b"]},
    {"name":"svn","expiration":"2027-12-12T00:00:00Z","value":2}])";
  const auto united = unite(&object, &array);
  ASSERT_TRUE(united.ok());
  EXPECT_EQ(value_of(*united, "snp_pcr08"), R"(["0a","0b"])");
  EXPECT_EQ(value_of(*united, "svn"), "2");
  EXPECT_TRUE(united->problems.empty());
}

TEST(ReferenceValues, are_an_empty_object_when_there_are_none) {
  const std::string object = "{}\n";
  const std::string array = "[]";
  EXPECT_EQ(unite(&object, &array)->text, "{}");
  EXPECT_EQ(unite(nullptr, nullptr)->text, "{}");
}

TEST(ReferenceValues, that_cannot_be_read_are_told_and_disable_no_other) {
  const std::string object = R"({"a":1,"b":"!!","svn":")" + std::string(kSvn) + R"(","c":"e30="})";
  const std::string array = R"([{"name":"d"},{"value":1},7,
    {"name":"e","expiration":"tomorrow","value":1},
    {"name":"f","expiration":"2027-12-12T00:00:00Z","value":{"k":null}}])";
  const auto united = unite(&object, &array);
  ASSERT_TRUE(united.ok());
  EXPECT_EQ(value_of(*united, "svn"), "1");
  EXPECT_EQ(value_of(*united, "f"), R"({"k":null})");
  ASSERT_EQ(united->problems.size(), 7U);
  EXPECT_EQ(united->problems[0], "reference_value: entry `a` is no text");
  EXPECT_EQ(united->problems[1], "reference_value: entry `b` is no base64url of a reference value");
  EXPECT_EQ(united->problems[4], "reference-values.json: entry `1` has no name");
  EXPECT_EQ(object_of_text(united->text).size(), 2U);
}

TEST(ReferenceValues, that_are_no_json_are_refused_as_a_whole) {
  for (const std::string bad : {"", "{", "[]", "\"x\"", R"({"a":"","a":""})"}) {
    const auto united = unite(&bad, nullptr);
    ASSERT_FALSE(united.ok()) << bad;
    EXPECT_TRUE(united.error().is(Errc::reference_values_malformed)) << bad;
  }
  const std::string object = "{}";
  EXPECT_FALSE(unite(&object, &object).ok());
}

}  // namespace
}  // namespace trustee::operators
