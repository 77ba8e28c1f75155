#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/time.h"
#include "kv/memory.h"
#include "reference/errors.h"
#include "rvps/service.h"
#include "rvps/wire_text.h"
#include "tests/support/case.h"
#include "tests/support/mounted_namespace.h"

namespace trustee::rvps {
namespace {

const Time kNow = codec::parse_rfc3339_seconds("2026-11-24T10:05:00Z").value();

class Rvps : public ::testing::Test {
 protected:
  /// `OK`, or what a client would read.
  std::string reg(std::string_view message) {
    const auto stored = register_message(*space_, message, kNow);
    return stored.ok() ? "OK" : register_failure(stored.error());
  }
  static std::string sample(std::string_view content) {
    return R"({"version":"0.1.0","type":"sample","payload":")" +
           codec::base64_encode(as_bytes(content)) + "\"}";
  }
  /// The JSON text, or `absent`.
  std::string q(std::string_view name, Expired expired = Expired::served, Time now = kNow) {
    const auto value = query(*space_, name, expired, now);
    if (!value.ok()) return query_failure(value.error());
    return value->has_value() ? json::write(**value) : "absent";
  }
  std::size_t stored() { return space_->list().value().size(); }

  std::shared_ptr<kv::Store> store_ = kv::create_memory_store();
  std::shared_ptr<kv::Namespace> space_ = store_->open(kNamespace).value();
};

TEST_F(Rvps, registers_and_answers) {
  CASE("RV-1");
  EXPECT_EQ(reg(sample(R"({"svn":["1"],"major_version":1})")), "OK");
  EXPECT_EQ(q("svn"), R"(["1"])");
  EXPECT_EQ(q("major_version"), "1");
}

TEST_F(Rvps, an_unknown_name_is_absent) {
  CASE("RV-2");
  EXPECT_EQ(q("svn"), "absent");
}

TEST_F(Rvps, registering_again_replaces) {
  CASE("RV-3");
  EXPECT_EQ(reg(sample(R"({"a":["a"]})")), "OK");
  EXPECT_EQ(reg(sample(R"({"a":["b"]})")), "OK");
  EXPECT_EQ(q("a"), R"(["b"])");
}

TEST_F(Rvps, an_empty_message_stores_nothing) {
  CASE("RV-4");
  EXPECT_EQ(reg(R"({"version":"0.1.0","type":"sample","payload":"e30="})"), "OK");
  EXPECT_EQ(stored(), 0U);
}

TEST_F(Rvps, nested_values_come_back) {
  CASE("RV-5");
  EXPECT_EQ(reg(sample(R"({"x":{"y":[1,null,true]}})")), "OK");
  EXPECT_EQ(q("x"), R"({"y":[1,null,true]})");
}

TEST_F(Rvps, null_is_a_value) {
  CASE("RV-6");
  EXPECT_EQ(reg(sample(R"({"x":null})")), "OK");
  EXPECT_EQ(q("x"), "null");
}

TEST_F(Rvps, an_array_is_no_sample_payload) {
  CASE("RV-7");
  EXPECT_EQ(reg(R"({"version":"0.1.0","type":"sample","payload":"WzEsMl0="})"),
            "Register reference value: deseralize sample provenance");
}

TEST_F(Rvps, padding_is_required) {
  CASE("RV-8");
  EXPECT_EQ(reg(R"({"version":"0.1.0","type":"sample","payload":"e30"})"),
            "Register reference value: base64 decode");
}

TEST_F(Rvps, the_url_alphabet_is_refused) {
  CASE("RV-9");
  EXPECT_EQ(reg(R"({"version":"0.1.0","type":"sample","payload":"eyJhIjoifn5-In0="})"),
            "Register reference value: base64 decode");
}

TEST_F(Rvps, text_that_is_not_json_is_no_message) {
  CASE("RV-10");
  EXPECT_EQ(reg("not json"), "Register reference value: parse message");
}

TEST_F(Rvps, a_missing_version_is_the_current_one) {
  CASE("RV-11");
  EXPECT_EQ(reg(R"({"type":"sample","payload":"eyJhIjoxfQ=="})"), "OK");
  EXPECT_EQ(q("a"), "1");
}

TEST_F(Rvps, another_version_is_refused) {
  CASE("RV-12");
  EXPECT_EQ(reg(R"({"version":"0.2.0","type":"sample","payload":"e30="})"),
            "Register reference value: Version unmatched! Need 0.1.0, given 0.2.0.");
}

TEST_F(Rvps, provenance_is_not_the_payload) {
  CASE("RV-13");
  EXPECT_EQ(reg(R"({"version":"0.1.0","type":"sample","provenance":"e30="})"),
            "Register reference value: parse message");
}

TEST_F(Rvps, an_unknown_extractor_is_named) {
  CASE("RV-14");
  EXPECT_EQ(reg(R"({"version":"0.1.0","type":"in-toto","payload":"e30="})"),
            "Register reference value: Could not find extractor for in-toto");
}

TEST_F(Rvps, the_version_counts_before_the_type) {
  CASE("RV-15");
  EXPECT_EQ(reg(R"({"version":"0.2.0","type":"in-toto","payload":"e30="})"),
            "Register reference value: Version unmatched! Need 0.1.0, given 0.2.0.");
}

TEST_F(Rvps, extra_members_are_accepted) {
  CASE("RV-16");
  EXPECT_EQ(reg(R"({"type":"sample","payload":"eyJhIjoxfQ==","more":{}})"), "OK");
  EXPECT_EQ(q("a"), "1");
}

TEST_F(Rvps, records_are_stored_under_their_names) {
  EXPECT_EQ(reg(sample(R"({"a/b.c-d_e":[1.00]})")), "OK");
  EXPECT_EQ(as_text(space_->get("a/b.c-d_e").value().value()),
            R"({"version":"0.1.0","name":"a/b.c-d_e","expiration":"2027-11-24T10:05:00Z",)"
            R"("value":[1.00]})");
}

TEST_F(Rvps, an_expired_value_is_served_or_withheld_as_configured) {
  CASE("RV-39");
  const std::string_view record = R"({"name":"old","expiration":"2026-11-24T10:04:59Z","value":1})";
  ASSERT_TRUE(space_->put("old", as_bytes(record), kv::Overwrite::yes).ok());
  EXPECT_EQ(q("old"), "1");
  EXPECT_EQ(q("old", Expired::withheld), "absent");
  EXPECT_EQ(q("old", Expired::withheld, kNow - std::chrono::seconds(1)), "1");
}

TEST_F(Rvps, a_record_of_another_form_is_an_error_and_not_absent) {
  ASSERT_TRUE(space_->put("x", as_bytes("[]"), kv::Overwrite::yes).ok());
  EXPECT_EQ(q("x"), "Query reference value: deserialize reference value");
}

TEST_F(Rvps, loading_names_what_it_cannot_read_and_keeps_the_rest) {
  EXPECT_EQ(reg(sample(R"({"a":1,"b":2})")), "OK");
  ASSERT_TRUE(space_->put("z", as_bytes("{"), kv::Overwrite::yes).ok());
  ASSERT_TRUE(space_->put("y", as_bytes("[]"), kv::Overwrite::yes).ok());
  const auto loaded = load(*space_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->values.size(), 2U);
  EXPECT_EQ(loaded->unreadable, (std::vector<std::string>{"y", "z"}));
}

TEST(RvpsOnMounts, one_value_that_the_store_cannot_decode_is_named_and_the_rest_is_kept) {
  MountedNamespace store;
  const std::string_view record = R"({"name":"a","expiration":"2027-01-01T00:00:00Z","value":1})";
  store.mount({{"a", to_vec(as_bytes(record))}, {"bad", {1}}, {"c", {2}}});
  store.undecodable = "bad";
  const auto loaded = load(store);
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  ASSERT_EQ(loaded->values.size(), 1U);
  EXPECT_EQ(loaded->values[0].name, "a");
  EXPECT_EQ(loaded->unreadable, (std::vector<std::string>{"bad", "c"}));
  store.broken = true;
  EXPECT_TRUE(load(store).error().is(kv::Errc::malformed));
}

TEST_F(Rvps, what_a_store_refuses_is_told_without_its_detail) {
  EXPECT_EQ(register_failure(Error(kv::Errc::invalid_key, "a:b")),
            "Register reference value: failed to set key");
  EXPECT_EQ(query_failure(Error(kv::Errc::io, "/secret/path")),
            "Query reference value: failed to get key");
}

}  // namespace
}  // namespace trustee::rvps
