#include "as/init_data.h"

#include <gtest/gtest.h>

#include "as/bound_data.h"
#include "as/errors.h"
#include "codec/hex.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"

namespace trustee::as {
namespace {

/// `hex of the expected bytes / claims`, or the code of the failure.
std::string bound(const Result<BoundData>& data) {
  if (!data.ok()) return std::string(data.error().code().name());
  return (data->expected.has_value() ? codec::hex_encode(*data->expected) : "none") + " " +
         json::write(data->claims);
}

std::string runtime(std::string_view text, crypto::Hash hash = crypto::Hash::sha384) {
  return bound(bind_runtime_data(Structured{json::parse(text).value()}, hash));
}

constexpr std::string_view kExample = R"({"b":1,"a":"test","c":{"d":"e"}})";

TEST(RuntimeData, raw_bytes_are_expected_as_they_are) {
  CASE("AS-1");
  EXPECT_EQ(bound(bind_runtime_data(RawBytes{to_vec(as_bytes("aaaaa"))}, crypto::Hash::sha384)),
            "6161616161 null");
}

TEST(RuntimeData, absent_is_nothing_to_compare) {
  CASE("AS-2");
  EXPECT_EQ(bound(bind_runtime_data(Absent{}, crypto::Hash::sha384)), "none null");
}

TEST(RuntimeData, structured_is_hashed_in_canonical_form_and_told_as_given) {
  CASE("AS-3");
  CASE("AS-4");
  CASE("AS-5");
  EXPECT_EQ(
      runtime(kExample),
      "e71ce8e70d814ba6639c3612ebee0ff1f76f650f8dbb5e47157e0f3f525cd22c4597480a186427c813ca941"
      "da78870c3 " +
          std::string(kExample));
  EXPECT_EQ(
      runtime(kExample, crypto::Hash::sha256),
      "0d8dd5ac935172b240a914b51902748584205d6af5f7713d78f4488652f0718d " + std::string(kExample));
  EXPECT_EQ(
      runtime("{}"),
      "d2a23bc783e3aa38f401e13c7488505137c4954a7fd88331f1597c5ff71111dc807c7370a5b282c6da541c5"
      "6ede69f30 {}");
}

TEST(RuntimeData, hash_names_ignore_case_and_take_no_hyphen) {
  CASE("AS-6");
  EXPECT_EQ(parse_hash("SHA384").value(), crypto::Hash::sha384);
  EXPECT_EQ(parse_hash("Sm3").value(), crypto::Hash::sm3);
  for (const char* name : {"sha-384", "", "md5", "sha1", " sha384"}) {
    EXPECT_TRUE(parse_hash(name).error().is(Errc::hash_unknown)) << name;
  }
}

std::string toml(std::string_view data, std::string_view algorithm = "sha256") {
  return "version = \"0.1.0\"\nalgorithm = \"" + std::string(algorithm) + "\"\n[data]\n" +
         std::string(data);
}

std::string claims(std::string_view text) {
  const auto data = bind_init_data(Toml{std::string(text)});
  return data.ok() ? json::write(data->claims) : std::string(data.error().code().name());
}

TEST(InitData, the_whole_text_is_hashed_with_its_own_algorithm) {
  // sha256sum and sha384sum of the text.
  const std::string text = toml("\"a\" = \"b\"\n");
  EXPECT_EQ(bound(bind_init_data(Toml{text})),
            "adbdd39c624155bcf6b5e254f29eccb0fa012f97a26b734f96cd74ecac88b56e {\"a\":\"b\"}");
  EXPECT_EQ(bound(bind_init_data(RawBytes{{1, 2}})), "0102 null");
  EXPECT_EQ(bound(bind_init_data(Absent{})), "none null");
}

TEST(InitData, agent_configurations_become_objects) {
  CASE("AS-50");
  const auto data = bind_init_data(
      Toml{toml("\"cdh.toml\" = '''\n[image]\nextra_root_certificates = [\"\"\"\n-----BEGIN "
                "CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n\"\"\"]\n'''\n")});
  ASSERT_TRUE(data.ok());
  const json::Value* pem = data->claims.at_pointer("/cdh.toml/image/extra_root_certificates/0");
  ASSERT_NE(pem, nullptr);
  EXPECT_EQ(*pem->as_string(), "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n");
}

TEST(InitData, an_agent_configuration_that_is_not_toml_stays_text) {
  CASE("AS-51");
  EXPECT_EQ(claims(toml("\"aa.toml\" = \"not = = toml\"\n")), R"({"aa.toml":"not = = toml"})");
  EXPECT_EQ(claims(toml("\"aa.toml\" = \"[/x]\"\n")), R"({"aa.toml":"[/x]"})");
  EXPECT_EQ(claims(toml("\"aa.toml\" = \"r\\u045a = 1\"\n")), "{\"aa.toml\":\"r\xd1\x9a = 1\"}");
}

TEST(InitData, numbers_and_dates_inside_come_out_plain) {
  EXPECT_EQ(claims(toml("\"aa.toml\" = '''\nf = 1.5\ni = 7\nd = 2026-11-24T10:00:00Z\nn = nan\n"
                        "b = true\n'''\n\"other.toml\" = 'x = 1'\n")),
            R"({"aa.toml":{"b":true,"d":{"$__toml_private_datetime":"2026-11-24T10:00:00Z"},)"
            R"("f":1.5,"i":7,"n":null},"other.toml":"x = 1"})");
}

TEST(InitData, the_data_of_an_agent_policy_takes_its_place) {
  CASE("AS-52");
  const auto data = bind_init_data(Toml{file_text("src/as/testdata/initdata-nginx.toml")});
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(data->claims.at_pointer("/policy.rego"), nullptr);
  const json::Value* arg =
      data->claims.at_pointer("/agent_policy_claims/containers/1/OCI/Process/Args/0");
  ASSERT_NE(arg, nullptr);
  EXPECT_EQ(*arg->as_string(), "/opt/bitnami/scripts/nginx/entrypoint.sh");
}

std::string policy_claims(std::string_view policy) {
  return claims(toml("\"policy.rego\" = '''\n" + std::string(policy) + "'''\n"));
}

TEST(InitData, an_agent_policy_without_data_stays_text) {
  CASE("AS-54");
  EXPECT_EQ(policy_claims("package agent_policy\n"), R"({"policy.rego":"package agent_policy\n"})");
  EXPECT_EQ(policy_claims("policy_data := {\"a\": 1.5}\n\n"),
            R"({"agent_policy_claims":{"a":1.5}})");
  EXPECT_EQ(policy_claims("policy_data := {\"a\": 1}\nallow := true\n"),
            R"({"policy.rego":"policy_data := {\"a\": 1}\nallow := true\n"})");
}

TEST(InitData, words_in_a_comment_are_not_what_the_agent_enforces) {
  EXPECT_EQ(policy_claims("policy_data = {\"a\": 1}\n# policy_data := {\"a\": 2}"),
            R"({"policy.rego":"policy_data = {\"a\": 1}\n# policy_data := {\"a\": 2}"})");
  EXPECT_EQ(policy_claims("default policy_data := {\"a\": 2}"),
            R"({"policy.rego":"default policy_data := {\"a\": 2}"})");
}

TEST(InitData, algorithms_are_spelled_exactly) {
  CASE("AS-55");
  EXPECT_EQ(claims(toml("", "sha-256")), "init_data_malformed");
  EXPECT_EQ(claims(toml("", "SHA256")), "init_data_malformed");
  EXPECT_EQ(claims(toml("", "sm3")), "{}");
}

TEST(InitData, data_holds_texts_only) {
  CASE("AS-56");
  EXPECT_EQ(claims(toml("a = 1\n")), "init_data_malformed");
  EXPECT_EQ(claims(toml("a = [\"b\"]\n")), "init_data_malformed");
  EXPECT_EQ(claims(toml("[data.a]\nb = \"c\"\n")), "init_data_malformed");
}

TEST(InitData, the_document_needs_its_three_parts_and_takes_more) {
  EXPECT_EQ(claims("algorithm = \"sha256\"\n[data]\n"), "init_data_malformed");
  EXPECT_EQ(claims("version = \"1\"\n[data]\n"), "init_data_malformed");
  EXPECT_EQ(claims("version = \"1\"\nalgorithm = \"sha256\"\n"), "init_data_malformed");
  EXPECT_EQ(claims("version = 1\nalgorithm = \"sha256\"\n[data]\n"), "init_data_malformed");
  EXPECT_EQ(claims("version = \"9\"\nalgorithm = \"sha512\"\nmore = 1\n[data]\n[x]\n"), "{}");
  EXPECT_EQ(claims("not toml"), "init_data_malformed");
}

TEST(InitData, has_limits_of_size_and_depth) {
  const std::string frame = toml("a = \"\"\n");
  std::string text = frame;
  text.insert(text.size() - 2, std::string(kMaxInitData - frame.size(), 'x'));
  EXPECT_EQ(text.size(), kMaxInitData);
  EXPECT_TRUE(parse_init_data(text).ok());
  text.insert(text.size() - 2, "x");
  EXPECT_TRUE(parse_init_data(text).error().is(Errc::init_data_too_large));
  const auto nested = [](std::size_t arrays) {
    return toml("") + "[x]\na = " + std::string(arrays, '[') + std::string(arrays, ']') + "\n";
  };
  EXPECT_TRUE(parse_init_data(nested(kMaxTomlDepth - 2)).ok());
  EXPECT_TRUE(parse_init_data(nested(kMaxTomlDepth - 1)).error().is(Errc::init_data_malformed));
  EXPECT_TRUE(parse_init_data(nested(100'000)).error().is(Errc::init_data_malformed));
}

}  // namespace
}  // namespace trustee::as
