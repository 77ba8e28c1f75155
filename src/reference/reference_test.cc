#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/time.h"
#include "reference/errors.h"
#include "reference/message.h"
#include "reference/record.h"
#include "tests/support/case.h"

namespace trustee::reference {
namespace {

const Time kNow = codec::parse_rfc3339("2026-11-24T10:05:00.75Z").value();

std::string envelope(std::string_view type, std::string_view content) {
  return json::write(json::Object{
      {"version", "0.1.0"}, {"type", type}, {"payload", codec::base64_encode(as_bytes(content))}});
}

Result<std::vector<ReferenceValue>> read(std::string_view text, Time now = kNow) {
  auto message = parse_message(text);
  if (!message.ok()) return message.error();
  return extract(*message, now);
}

/// `name=value` of each extracted value, joined by blanks; or the code of the refusal.
std::string outcome(std::string_view text) {
  const auto values = read(text);
  if (!values.ok()) return std::string(values.error().code().name());
  std::string out;
  for (const ReferenceValue& v : *values) {
    out += (out.empty() ? "" : " ") + v.name + "=" + json::write(v.value);
  }
  return out;
}

TEST(Message, sample_makes_one_value_of_each_member) {
  CASE("RV-1");
  EXPECT_EQ(outcome(envelope("sample", R"({"svn":["1"],"major_version":1})")),
            R"(major_version=1 svn=["1"])");
  // The example of the specification, base64 as printed there.
  EXPECT_EQ(outcome(R"({ "version": "0.1.0", "type": "sample",)"
                    R"( "payload": "eyJzdm4iOlsiMSJdLCJtYWpvcl92ZXJzaW9uIjoxfQ==" })"),
            R"(major_version=1 svn=["1"])");
}

TEST(Message, an_empty_object_is_no_value_and_no_error) {
  EXPECT_EQ(outcome(R"({"version":"0.1.0","type":"sample","payload":"e30="})"), "");
}

TEST(Message, values_may_be_any_json_and_numbers_keep_their_text) {
  EXPECT_EQ(outcome(envelope("sample", R"({"x":{"y":[1,null,true]}})")),
            R"(x={"y":[1,null,true]})");
  EXPECT_EQ(outcome(envelope("sample", R"({"x":null})")), "x=null");
  EXPECT_EQ(outcome(envelope("sample", R"({"n":[1.00,1e2,123456789012345678901234567890]})")),
            "n=[1.00,1e+2,123456789012345678901234567890]");
  EXPECT_EQ(outcome(envelope("sample", R"({"x":{"b":1,"a":2,"b":3},"x2":0,"x2":1})")),
            R"(x={"a":2,"b":3} x2=1)");
}

TEST(Message, refuses_payloads_that_are_no_padded_base64_of_an_object) {
  EXPECT_EQ(outcome(R"({"type":"sample","payload":"WzEsMl0="})"), "payload_not_object");
  EXPECT_EQ(outcome(envelope("sample", "{")), "payload_not_object");
  EXPECT_EQ(outcome(R"({"type":"sample","payload":"e30"})"), "payload_not_base64");
  // {"a":"~~~"} holds + in the standard alphabet, - in the other.
  EXPECT_EQ(outcome(R"({"type":"sample","payload":"eyJhIjoifn5-In0="})"), "payload_not_base64");
  EXPECT_EQ(outcome(R"({"type":"sample","payload":"eyJhIjoifn5+In0="})"), R"(a="~~~")");
}

TEST(Message, the_envelope_needs_type_and_payload_and_takes_the_rest) {
  CASE("RV-11");
  CASE("RV-16");
  EXPECT_EQ(outcome("not json"), "message_malformed");
  EXPECT_EQ(outcome("[]"), "message_malformed");
  EXPECT_EQ(outcome(R"({"type":"sample"})"), "message_malformed");
  EXPECT_EQ(outcome(R"({"payload":"e30="})"), "message_malformed");
  EXPECT_EQ(outcome(R"({"type":1,"payload":"e30="})"), "message_malformed");
  EXPECT_EQ(outcome(R"({"version":null,"type":"sample","payload":"e30="})"), "message_malformed");
  EXPECT_EQ(outcome(R"({"type":"sample","provenance":"e30="})"), "message_malformed");
  EXPECT_EQ(outcome(R"({"type":"sample","payload":"e30="})"), "");
  EXPECT_EQ(outcome(R"({"type":"sample","payload":"e30=","signature":[1],"v":2})"), "");
}

TEST(Message, the_version_is_checked_before_the_type) {
  EXPECT_EQ(outcome(R"({"version":"0.2.0","type":"sample","payload":"e30="})"), "message_version");
  EXPECT_EQ(outcome(R"({"version":"0.2.0","type":"in-toto","payload":"e30="})"), "message_version");
  EXPECT_EQ(outcome(R"({"type":"in-toto","payload":"e30="})"), "extractor_unknown");
  EXPECT_EQ(outcome(R"({"type":"Sample","payload":"e30="})"), "extractor_unknown");
}

TEST(Message, extractors_of_later_versions_are_refused_by_name) {
  for (const char* type : {"swid", "corim"}) {
    const auto values = read(envelope(type, "x"));
    ASSERT_FALSE(values.ok());
    EXPECT_TRUE(values.error().is(Errc::extractor_later));
    EXPECT_EQ(values.error().detail(), type);
  }
}

TEST(Message, envelopes_have_a_size_limit) {
  const std::string frame = R"({"type":"sample","payload":"e30=","x":""})";
  const auto padded = [&](std::size_t size) {
    std::string text = frame;
    text.insert(text.size() - 2, std::string(size - frame.size(), 'x'));
    return text;
  };
  EXPECT_EQ(outcome(padded(kMaxMessage)), "");
  EXPECT_EQ(outcome(padded(kMaxMessage + 1)), "message_malformed");
}

TEST(Message, values_expire_after_twelve_calendar_months) {
  const auto values = read(envelope("sample", R"({"a":1})"));
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(codec::rfc3339_millis(values->at(0).expiration), "2027-11-24T10:05:00.000Z");
  EXPECT_EQ(values->at(0).version, "0.1.0");
}

std::string a_year_later(std::string_view t) {
  const auto later = a_year_after(codec::parse_rfc3339(t).value());
  return later.ok() ? codec::rfc3339_millis(*later) : std::string(later.error().code().name());
}

TEST(Record, a_year_after_the_leap_day_is_the_last_of_february) {
  CASE("RV-40");
  EXPECT_EQ(a_year_later("2028-02-29T23:59:58.999Z"), "2029-02-28T23:59:58.000Z");
  EXPECT_EQ(a_year_later("2027-02-28T00:00:00Z"), "2028-02-28T00:00:00.000Z");
  EXPECT_EQ(a_year_later("2026-12-31T12:00:00Z"), "2027-12-31T12:00:00.000Z");
  EXPECT_EQ(a_year_later("9999-01-01T00:00:00Z"), "expiration_overflow");
}

TEST(Record, is_written_with_exactly_four_members) {
  CASE("RV-36");
  const ReferenceValue value{
      .version = "1.0.0", .name = "artifact", .expiration = from_unix_seconds(0), .value = "abc"};
  EXPECT_EQ(write_record(value), R"({"version":"1.0.0","name":"artifact",)"
                                 R"("expiration":"1970-01-01T00:00:00Z","value":"abc"})");
  EXPECT_EQ(parse_record(write_record(value)).value(), value);
}

TEST(Record, a_missing_version_is_the_first) {
  CASE("RV-37");
  const auto value =
      parse_record(R"({"name":"n","expiration":"2026-01-01T00:00:00Z","value":[1],"more":true})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->version, "0.1.0");
  EXPECT_EQ(json::write(value->value), "[1]");
}

std::string refusal(std::string_view text) {
  const auto value = parse_record(text);
  return value.ok() ? "accepted" : std::string(value.error().code().name());
}

TEST(Record, refuses_other_forms_of_time) {
  CASE("RV-38");
  EXPECT_EQ(refusal(R"({"name":"n","expiration":"2026-01-01T00:00:00.5Z","value":1})"),
            "record_malformed");
  EXPECT_EQ(refusal(R"({"name":"n","expiration":"2026-01-01T00:00:00+00:00","value":1})"),
            "record_malformed");
  EXPECT_EQ(refusal(R"({"name":"n","expiration":"2026-01-01T00:00:00Z","value":1})"), "accepted");
}

TEST(Record, refuses_missing_members) {
  EXPECT_EQ(refusal(R"({"expiration":"2026-01-01T00:00:00Z","value":1})"), "record_malformed");
  EXPECT_EQ(refusal(R"({"name":"n","value":1})"), "record_malformed");
  EXPECT_EQ(refusal(R"({"name":"n","expiration":"2026-01-01T00:00:00Z"})"), "record_malformed");
  EXPECT_EQ(refusal(R"({"name":"n","expiration":"2026-01-01T00:00:00Z","value":null})"),
            "accepted");
  EXPECT_EQ(refusal("{"), "record_malformed");
}

}  // namespace
}  // namespace trustee::reference
