#include "as/policies.h"

#include <algorithm>

#include "appraise/errors.h"
#include "as/as_fixture.h"
#include "as/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "kv/errors.h"
#include "tests/support/case.h"

namespace trustee::as {
namespace {

TEST_F(As, default_policies_fill_an_empty_store) {
  auto ids = list_policies(*policies_).value();
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<std::string>{"default_cpu", "default_gpu", "default_ppcie",
                                           "default_switch"}));
}

TEST_F(As, default_policies_do_not_overwrite_but_replace_their_unchanged_elders) {
  constexpr std::string_view kOld = "package policy\ntrust_claims := {\"hardware\": 97}\n";
  store_policy("default_cpu", kOld);
  ASSERT_TRUE(store_default_policies(*policies_).ok());
  EXPECT_EQ(get_policy(*policies_, "default_cpu").value(), kOld);
  // printf of the text | sha384sum
  const Superseded elder[] = {
      {"default_cpu", "b76e0e6a9ccdf45b7a6e5d0ac25a97acb5ca9ab1d13c1d1ccb5d2ec3ba0ab3c5"}};
  ASSERT_TRUE(store_default_policies(*policies_, elder).ok());
  EXPECT_EQ(get_policy(*policies_, "default_cpu").value(), kOld) << "another digest";
  const Superseded right[] = {{"default_cpu",
                               "e9913d5251ee5c2901d2214241a7defe54e130400f88e9082ea27e6453597d75a08"
                               "cc726727703de6603a57f914b73ec"}};
  ASSERT_TRUE(store_default_policies(*policies_, right).ok());
  EXPECT_EQ(get_policy(*policies_, "default_cpu").value(),
            appraise::default_policies().front().text);
}

TEST_F(As, a_policy_that_could_not_appraise_is_refused_and_a_good_one_stored) {
  CASE("AS-24");
  const auto upload = decode_policy("cGFja2FnZSBwb2xpY3kKCmRlZmF1bHQgYWxsb3cgPSB0cnVlCg");
  ASSERT_TRUE(upload.ok());
  EXPECT_EQ(*upload, "package policy\n\ndefault allow = true\n");
  EXPECT_TRUE(
      set_policy(*policies_, "some-id", *upload).error().is(appraise::Errc::policy_lacks_rule));
  EXPECT_FALSE(policies_->get("some-id.rego").value().has_value());
  const std::string good = "package policy\ntrust_claims := {\"hardware\": 2}";
  ASSERT_TRUE(set_policy(*policies_, "some-id", good).ok());
  EXPECT_EQ(as_text(policies_->get("some-id.rego").value().value()), good);
}

TEST_F(As, uploads_are_base64url_without_padding) {
  CASE("AS-27");
  const auto upload = [&](std::string_view encoded) -> Result<void> {
    TRY(const std::string text, decode_policy(encoded));
    TRY_VOID(set_policy(*policies_, "some-id", text));
    return {};
  };
  // printf 'package policy\ntrust_claims := {"hardware": 2}\n' | base64 -w0, then without padding
  constexpr std::string_view kPadded =
      "cGFja2FnZSBwb2xpY3kKdHJ1c3RfY2xhaW1zIDo9IHsiaGFyZHdhcmUiOiAyfQo=";
  EXPECT_TRUE(upload(kPadded).error().is(Errc::policy_not_base64));
  EXPECT_TRUE(upload("_w").error().is(Errc::policy_not_utf8));
  EXPECT_FALSE(policies_->get("some-id.rego").value().has_value());
  EXPECT_TRUE(upload(kPadded.substr(0, kPadded.size() - 1)).ok());
  EXPECT_TRUE(policies_->get("some-id.rego").value().has_value());
}

TEST_F(As, an_upload_that_is_not_rego_fails_to_load) {
  CASE("AS-28");
  CASE("AS-29");
  CASE("AS-30");
  const auto refused = [&](std::string_view policy) {
    const auto set = set_policy(*policies_, "p", policy);
    return set.ok() ? "accepted" : wire_causes(set.error()).back().substr(0, 21);
  };
  EXPECT_EQ(refused(decode_policy("bm90IHJlZ28gYXQgYWxs").value()), "Failed to load policy");
  EXPECT_EQ(refused("package policy\nallow { true }"), "Failed to load policy");
  EXPECT_EQ(refused("package policy\ntrust_claims := {\"hardware\": nope(1)}"),
            "Failed to load policy");
  EXPECT_FALSE(policies_->get("p.rego").value().has_value());
}

TEST_F(As, errors_of_a_policy_reach_the_client_in_upstreams_words) {
  CASE("AS-31");
  CASE("AS-32");
  CASE("AS-33");
  const auto said = [&](std::string_view rules) {
    store_policy("p_cpu", "package policy\n" + std::string(rules));
    return text(attest({sample()}, {"p"}));
  };
  EXPECT_EQ(said("trust_claims := {}"), "\n0: At least one policy claim must be set.");
  EXPECT_EQ(said("trust_claims := {\"hardware\": 2} if false"),
            "\n0: Trust claims is not an object");
  EXPECT_EQ(said("trust_claims := {\"hardware\": \"2\"}"), "\n0: Trust claim value not number");
  EXPECT_EQ(said("trust_claims := {\"foo\": 2}"),
            "\n0: `trust_claims` names a claim that AR4SI does not have: `foo`");
}

TEST_F(As, a_failure_of_the_store_is_told_as_that) {
  const Error refused = Error(kv::Errc::invalid_key, "key contains invalid characters")
                            .while_doing("failed to set key");
  const auto causes = wire_causes(refused);
  ASSERT_EQ(causes.size(), 2U);
  EXPECT_EQ(causes.front(), "failed to set key");
  EXPECT_NE(causes.back().find("key contains invalid characters"), std::string::npos);
}

}  // namespace
}  // namespace trustee::as
