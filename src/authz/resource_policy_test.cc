#include "authz/resource_policy.h"

#include <gtest/gtest.h>

#include "authz/errors.h"
#include "jose/jwk.h"
#include "jose/signer.h"
#include "tests/support/case.h"

namespace trustee::authz {
namespace {

constexpr Time kNow = Time(std::chrono::seconds(1'795'000'000));

// A token as the attestation service makes it, trusted through its header key.
std::shared_ptr<const CheckedToken> token_with(std::string_view claims) {
  const auto key = std::move(crypto::PrivateKey::generate_ec(crypto::Curve::p256)).value();
  const auto jwk = jose::jwk_for_signatures(key.public_key(), crypto::SignatureScheme::es256);
  const auto signer =
      jose::Signer::create(key, crypto::SignatureScheme::es256, *jose::header_with_jwk(*jwk));
  TokenTrustParts parts;
  parts.insecure_header_jwk = true;
  const auto trust = TokenTrust::create(std::move(parts));
  auto token = trust->check(*signer->sign(as_bytes(claims)), kNow);
  EXPECT_TRUE(token.ok()) << token.error().to_string();
  return *token;
}

ResourceRequest alice() { return {"resource", {"default", "Alice", "x"}, {{"version", "2"}}}; }

Code decision(std::string_view text, const CheckedToken& token,
              const ResourceRequest& request = alice()) {
  const auto policy = ResourcePolicy::compile_stored(text);
  EXPECT_TRUE(policy.ok()) << policy.error().to_string();
  const auto grant = policy->decide(token, request);
  // The same is said of the claims alone.
  const auto checked = policy->check_claims(token.claims_text(), request);
  EXPECT_EQ(checked.ok(), grant.ok());
  if (!checked.ok() && !grant.ok()) {
    EXPECT_EQ(checked.error().code(), grant.error().code());
  }
  return grant.ok() ? Code(Errc::token_missing) : grant.error().code();
}
const Code kAllowed = Code(Errc::token_missing);  // no decision has this code

TEST(ResourcePolicy, decides_on_claims_path_plugin_and_query) {
  const auto token = token_with(R"({"exp":1795000100,"productId":"Alice"})");
  constexpr std::string_view kText = R"(package policy

default allow := false

allow if {
  data.plugin == "resource"
  count(data["resource-path"]) == 3
  input.productId == data["resource-path"][1]
  data.query.version == "2"
}
)";
  EXPECT_EQ(decision(kText, *token), kAllowed);
  EXPECT_EQ(decision(kText, *token, {"resource", {"default", "Bob", "x"}, {{"version", "2"}}}),
            Code(Errc::denied_by_policy));
  EXPECT_EQ(decision(kText, *token, {"other", {"default", "Alice", "x"}, {{"version", "2"}}}),
            Code(Errc::denied_by_policy));
  EXPECT_EQ(decision(kText, *token, {"resource", {"default", "Alice", "x"}, {}}),
            Code(Errc::denied_by_policy));
}

TEST(ResourcePolicy, anything_but_true_denies_and_says_how) {
  const auto token = token_with(R"({"exp":1795000100})");
  EXPECT_EQ(decision("package policy\n\nallow := true\n", *token), kAllowed);
  EXPECT_EQ(decision("package policy\n\nallow := \"yes\"\n", *token),
            Code(Errc::denied_without_decision));
  EXPECT_EQ(decision("package policy\n\nallow if input.nosuch\n", *token),
            Code(Errc::denied_without_decision));
  EXPECT_EQ(decision("package other\n\nallow := true\n", *token),
            Code(Errc::denied_without_decision));
  EXPECT_EQ(decision("package policy\n\nallow := 1 / 0 == 1\n", *token), Code(Errc::policy_failed));
}

TEST(ResourcePolicy, uploads_that_could_never_allow_are_refused) {
  for (const char* text :
       {"package other\n\nallow := true\n", "package policy\n\npermit := true\n",
        "package policy\n\nallow { true }\n", "package policy\n\nallow := nosuch(1)\n",
        "package policy\n\nallow := query_reference_value(\"x\") == 1\n"}) {
    EXPECT_TRUE(ResourcePolicy::compile(text).error().is(Errc::policy_refused)) << text;
  }
}

TEST(TokenTrust, needs_something_to_trust) {
  EXPECT_TRUE(TokenTrust::create({}).error().is(Errc::no_trust_material));
}

TEST(TokenTrust, finds_the_tee_key_by_the_first_pointer_that_exists) {
  const auto claims = json::parse(R"({"tee-pubkey":1,"my":{"key":2},
    "submods":{"cpu0":{"ear.veraison.annotated-evidence":{"runtime_data_claims":{"tee-pubkey":3}}}}})");
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ((*find_tee_key(*claims, {}))->as_number()->text(), "3");
  EXPECT_EQ((*find_tee_key(*claims, {"/nosuch", "/my/key"}))->as_number()->text(), "2");
  EXPECT_TRUE(find_tee_key(json::Value(json::Object()), {}).error().is(Errc::tee_key_missing));
}

TEST(TokenTrust, a_token_without_a_key_checks_but_has_no_recipient) {
  const auto token = token_with(R"({"exp":1795000100})");
  EXPECT_TRUE(token->recipient().error().is(Errc::tee_key_missing));
  EXPECT_TRUE(token->usable_at(kNow));
  EXPECT_TRUE(token->usable_at(from_unix_seconds(1795000160)));
  EXPECT_FALSE(token->usable_at(from_unix_seconds(1795000161)));
}

}  // namespace
}  // namespace trustee::authz
