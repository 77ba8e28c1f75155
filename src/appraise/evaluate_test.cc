#include "appraise/evaluate.h"

#include <gtest/gtest.h>

#include "appraise/errors.h"
#include "appraise/testdata.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "tests/support/case.h"

namespace trustee::appraise {
namespace {

/// The vector, or the code of the failure.
std::string vector_of(std::string_view rules, std::string_view input = "{}") {
  const auto a = appraised(*policy_with(rules), input);
  return a.ok() ? json::write(a->vector.to_json()) : std::string(a.error().code().name());
}

std::string refusal(std::string_view text) {
  const auto policy = Policy::compile("p_cpu", text);
  return policy.ok() ? "accepted" : std::string(policy.error().code().name());
}

TEST(Evaluate, an_empty_object_sets_no_claim) {
  CASE("AS-31");
  EXPECT_EQ(vector_of("trust_claims := {}"), "trust_claims_empty");
}

TEST(Evaluate, undefined_trust_claims_are_no_object) {
  CASE("AS-32");
  EXPECT_EQ(vector_of("trust_claims := {\"hardware\": 2} if input.never"),
            "trust_claims_not_object");
}

TEST(Evaluate, a_text_is_no_number) {
  CASE("AS-33");
  EXPECT_EQ(vector_of(R"(trust_claims := {"hardware": "2"})"), "trust_claim_not_number");
}

TEST(Evaluate, a_vector_of_one_claim) {
  CASE("AS-34");
  const auto a = appraised(*policy_with(R"(trust_claims := {"hardware": 2})"), "{}");
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(json::write(a->vector.to_json()), R"({"hardware":2})");
  EXPECT_EQ(a->status, Tier::affirming);
}

TEST(Evaluate, an_unknown_claim_is_an_error_that_names_it) {
  CASE("AS-35");
  const auto a = appraised(*policy_with(R"(trust_claims := {"foo": 2})"), "{}");
  ASSERT_FALSE(a.ok());
  EXPECT_TRUE(a.error().is(Errc::trust_claim_unknown));
  EXPECT_EQ(a.error().detail(), "`foo`");
}

TEST(Evaluate, statuses_come_out_of_the_policy_for_each_value) {
  CASE("AS-36");
  const std::pair<int, std::string_view> rows[] = {
      {2, "affirming"},  {31, "affirming"},       {32, "warning"},
      {95, "warning"},   {96, "contraindicated"}, {127, "contraindicated"},
      {-2, "affirming"}, {-33, "warning"},        {-97, "contraindicated"}};
  for (const auto& [value, status] : rows) {
    const auto a = appraised(
        *policy_with("trust_claims := {\"hardware\": " + std::to_string(value) + "}"), "{}");
    ASSERT_TRUE(a.ok()) << value;
    EXPECT_EQ(to_string(a->status), status) << value;
  }
}

constexpr std::string_view kVector = "trust_claims := {\"hardware\": 2}\n";

std::string extensions(std::string_view rule) {
  const auto a = appraised(*policy_with(std::string(kVector) + std::string(rule)), "{}");
  if (!a.ok()) return std::string(a.error().code().name());
  std::string out;
  for (const Extension& e : a->extensions) {
    out += e.name + "/" + std::to_string(e.key) + "=" + json::write(e.value) + ";";
  }
  return out;
}

TEST(Evaluate, extensions_are_sorted_by_name) {
  EXPECT_EQ(extensions(R"(extensions := [{"name":"b","key":-2,"value":{"x":[1]}},)"
                       R"({"name":"a","key":7,"value":null}])"),
            R"(a/7=null;b/-2={"x":[1]};)");
  EXPECT_EQ(extensions(""), "");
  EXPECT_EQ(extensions("extensions := []"), "");
}

TEST(Evaluate, an_extension_key_or_name_may_not_repeat) {
  CASE("AS-65");
  EXPECT_EQ(extensions(R"(extensions := [{"name":"a","key":1,"value":1},)"
                       R"({"name":"b","key":1,"value":1}])"),
            "extension_key_repeated");
  EXPECT_EQ(extensions(R"(extensions := [{"name":"a","key":1,"value":1},)"
                       R"({"name":"a","key":2,"value":1}])"),
            "extension_name_repeated");
}

TEST(Evaluate, undefined_extensions_fail) {
  CASE("AS-67");
  EXPECT_EQ(extensions("extensions := [] if input.never"), "extensions_malformed");
}

TEST(Evaluate, extensions_of_another_shape_fail) {
  EXPECT_EQ(extensions("extensions := {}"), "extensions_malformed");
  EXPECT_EQ(extensions("extensions := [1]"), "extensions_malformed");
  EXPECT_EQ(extensions(R"(extensions := [{"name":"a","key":1}])"), "extensions_malformed");
  EXPECT_EQ(extensions(R"(extensions := [{"name":1,"key":1,"value":1}])"), "extensions_malformed");
  EXPECT_EQ(extensions(R"(extensions := [{"name":"a","key":2147483647,"value":1}])"),
            "a/2147483647=1;");
  EXPECT_EQ(extensions(R"(extensions := [{"name":"a","key":2147483648,"value":1}])"),
            "extensions_malformed");
}

TEST(Evaluate, an_extension_may_not_shadow_a_standard_member) {
  for (const char* name : {"ear.status", "ear.trustworthiness-vector", "ear.appraisal-policy-id",
                           "ear.veraison.annotated-evidence", "ear.veraison.policy-claims",
                           "ear.veraison.key-attestation", "ear.trustee.policy"}) {
    EXPECT_EQ(extensions("extensions := [{\"name\":\"" + std::string(name) +
                         "\",\"key\":1,\"value\":\"affirming\"}]"),
              "extension_name_reserved");
  }
}

TEST(Evaluate, rules_that_disagree_fail_the_evaluation) {
  const auto policy = policy_with(
      "trust_claims := {\"hardware\": 2} if input.a\ntrust_claims := {\"hardware\": 3} if input.b");
  EXPECT_EQ(verdict(*policy, R"({"a":true,"b":true})"), "policy_failed");
  EXPECT_EQ(verdict(*policy, R"({"a":true})"), "-/2/- affirming");
}

TEST(Evaluate, a_policy_that_does_not_end_is_stopped) {
  const auto policy = policy_with(
      "trust_claims := {\"hardware\": 2} if {\n"
      "count([1 | some x in numbers.range(1, 30000); some y in numbers.range(1, 30000); x == y]) < "
      "0\n}");
  const auto outcome = evaluate(*policy, "{}", {}, std::chrono::milliseconds(50));
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(outcome.error().is(Errc::policy_too_slow));
}

TEST(Evaluate, reference_values_not_at_hand_are_asked_for_before_anything_is_decided) {
  const auto policy = policy_with(
      "trust_claims := {\"hardware\": 2} if {\ninput.x in query_reference_value(\"a\")\n"
      "input.x in query_reference_value(\"b\")\n}");
  References references = references_of(R"({"a":[1]})");
  references.unknown = rego::UnknownReference::is_needed;
  auto outcome = evaluate(*policy, R"({"x":1})", references);
  ASSERT_TRUE(outcome.ok());
  ASSERT_TRUE(std::holds_alternative<ReferenceNeeds>(*outcome));
  EXPECT_EQ(std::get<ReferenceNeeds>(*outcome).names, std::vector<std::string>{"b"});
  const rego::NamedJson fetched[] = {{"b", "[1,2]"}};
  references.overlay = fetched;
  outcome = evaluate(*policy, R"({"x":1})", references);
  ASSERT_TRUE(outcome.ok());
  const Appraisal& a = std::get<Appraisal>(*outcome);
  EXPECT_EQ(a.status, Tier::affirming);
  EXPECT_EQ(a.queries, (std::vector<rego::ReferenceQuery>{{"a", true}, {"b", true}}));
}

TEST(Evaluate, a_missing_reference_value_is_null_which_sorts_lowest) {
  CASE("RV-58");
  EXPECT_EQ(verdict(*policy_with("trust_claims := {\"hardware\": 2} if 4 >= "
                                 "query_reference_value(\"x\")"),
                    "{}"),
            "-/2/- affirming");
}

TEST(Policy, refuses_what_is_not_rego_version_one) {
  CASE("AS-28");
  CASE("AS-29");
  EXPECT_EQ(refusal("not rego at all"), "policy_does_not_load");
  EXPECT_EQ(refusal("package policy\nallow { true }"), "policy_does_not_load");
  EXPECT_EQ(refusal("package policy\ntrust_claims := {\"hardware\": 2}"), "accepted");
}

TEST(Policy, refuses_at_upload_what_could_never_appraise) {
  CASE("AS-30");
  EXPECT_EQ(refusal("package other\ntrust_claims := {\"hardware\": 2}"), "policy_wrong_package");
  EXPECT_EQ(refusal("package policy\n\ndefault allow = true\n"), "policy_lacks_rule");
  EXPECT_EQ(refusal("package policy\ntrust_claims := {\"hardware\": no_such_function(1)}"),
            "policy_unknown_function");
}

TEST(Policy, says_where_it_does_not_load) {
  const auto policy = Policy::compile("p_cpu", "package policy\n\nimport rego.v1\n\nx := := 1\n");
  ASSERT_FALSE(policy.ok());
  EXPECT_NE(policy.error().detail().find("5:6"), std::string::npos) << policy.error().detail();
  EXPECT_NE(policy.error().detail().find("`p_cpu`"), std::string::npos);
}

TEST(Policy, one_that_is_stored_already_and_has_no_rule_makes_every_claim_zero) {
  CASE("AS-26");
  // The text that the released system's own example stores.
  const auto policy = Policy::compile_stored("x_cpu", "package policy\n\ndefault allow = true\n");
  ASSERT_TRUE(policy.ok());
  const auto a = appraised(**policy, kSample);
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(json::write(a->vector.to_json()),
            R"({"instance-identity":0,"configuration":0,"executables":0,"file-system":0,)"
            R"("hardware":0,"runtime-opaque":0,"storage-opaque":0,"sourced-data":0})");
  EXPECT_EQ(a->status, Tier::none);
  EXPECT_FALSE(a->has_trust_claims);
  EXPECT_TRUE(a->extensions.empty());
}

TEST(Policy, one_that_is_stored_already_and_calls_the_unknown_fails_when_evaluated) {
  const auto policy = Policy::compile_stored(
      "x_cpu", "package policy\ntrust_claims := {\"hardware\": no_such_function(1)}");
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(verdict(**policy, "{}"), "policy_failed");
}

TEST(Policy, knows_the_digest_of_its_text) {
  const auto policy = policy_with("trust_claims := {\"hardware\": 2}");
  EXPECT_EQ(
      policy->digest(),
      codec::hex_encode(crypto::digest(crypto::Hash::sha384, as_bytes(policy->text())).bytes()));
}

TEST(PolicySet, a_broken_policy_fails_those_who_ask_for_it_only) {
  const PolicySet set = PolicySet()
                            .with(shipped("default_cpu"))
                            .with_stored("b_cpu", as_bytes("nonsense"))
                            .with_stored("c_cpu", as_bytes("\xff"));
  EXPECT_TRUE(set.find("default_cpu").ok());
  EXPECT_TRUE(set.find("b_cpu").error().is(Errc::policy_does_not_load));
  EXPECT_TRUE(set.find("c_cpu").error().is(Errc::policy_not_utf8));
  EXPECT_TRUE(set.find("d_cpu").error().is(Errc::policy_not_found));
  EXPECT_EQ(set.find("d_cpu").error().detail(), "d_cpu");
  EXPECT_EQ(set.ids(), (std::vector<std::string>{"b_cpu", "c_cpu", "default_cpu"}));
}

}  // namespace
}  // namespace trustee::appraise
