#include "authz/admin.h"

#include <gtest/gtest.h>

#include "authz/errors.h"
#include "jose/signer.h"

namespace trustee::authz {
namespace {

constexpr Time kNow = Time(std::chrono::seconds(1'795'000'000));

struct Fixture {
  crypto::PrivateKey key = std::move(crypto::PrivateKey::generate_ed25519()).value();

  std::string header_value(std::string_view claims) const {
    const auto signer =
        jose::Signer::create(key, crypto::SignatureScheme::eddsa, R"({"alg":"EdDSA","typ":"JWT"})");
    return "Bearer " + signer->sign(as_bytes(claims)).value();
  }
  IdentityProvider provider() const {
    IdentityProvider p;
    p.issuer = "issuer";
    p.audience = "kbs";
    p.pem_keys.push_back(key.public_key());
    return p;
  }
  AdminAuthority authority(std::vector<AclRule> rules, IdentityProvider p) const {
    std::vector<IdentityProvider> providers;
    providers.push_back(std::move(p));
    return std::move(AdminAuthority::authenticated(std::move(providers), rules)).value();
  }
};

constexpr std::string_view kGood =
    R"({"iss":"issuer","aud":["kbs"],"role":"admin","exp":1795000600})";

Result<AdminGrant> ask(const AdminAuthority& authority, std::optional<std::string> header,
                       std::string_view path = "/kbs/v0/resource-policy",
                       std::string_view method = "POST") {
  AdminRequest request{method, path, path, std::nullopt};
  if (header) request.authorization = *header;
  return authority.decide(request, kNow);
}

Code code_of(const Result<AdminGrant>& r) {
  EXPECT_FALSE(r.ok());
  return r.ok() ? Code(Errc::admin_denied) : r.error().code();
}

TEST(AdminAuthority, a_role_with_a_matching_rule_is_allowed) {
  const Fixture f;
  const auto authority = f.authority({{"admin", "^/kbs/.+$", {}}}, f.provider());
  const auto grant = ask(authority, f.header_value(kGood));
  ASSERT_TRUE(grant.ok()) << grant.error().to_string();
  EXPECT_EQ(grant->role(), "admin");
}

TEST(AdminAuthority, rules_can_name_methods) {
  const Fixture f;
  const auto authority = f.authority({{"admin", "^/kbs/.+$", {"GET"}}}, f.provider());
  EXPECT_TRUE(ask(authority, f.header_value(kGood), "/kbs/v0/x", "GET").ok());
  EXPECT_EQ(code_of(ask(authority, f.header_value(kGood), "/kbs/v0/x", "POST")),
            Code(Errc::admin_role_not_allowed));
}

TEST(AdminAuthority, each_refusal_has_its_code) {
  const Fixture f;
  const auto authority = f.authority({{"admin", "^/kbs/v0/reference-value$", {}}}, f.provider());
  EXPECT_EQ(code_of(ask(authority, std::nullopt)), Code(Errc::admin_bearer_missing));
  EXPECT_EQ(code_of(ask(authority, "bearer abcdefgh")), Code(Errc::admin_bearer_missing));
  EXPECT_EQ(code_of(ask(authority, "Bearer garbage")), Code(Errc::admin_issuer_unknown));
  EXPECT_EQ(code_of(ask(authority, f.header_value(kGood))), Code(Errc::admin_role_not_allowed));
  EXPECT_EQ(
      code_of(ask(authority, f.header_value(R"({"iss":"issuer","aud":"kbs","exp":1795000600})"))),
      Code(Errc::admin_role_missing));
  EXPECT_EQ(code_of(ask(
                authority,
                f.header_value(R"({"iss":"other","aud":"kbs","role":"admin","exp":1795000600})"))),
            Code(Errc::admin_issuer_unknown));
  EXPECT_EQ(code_of(ask(
                authority,
                f.header_value(R"({"iss":"issuer","aud":"kbs","role":"admin","exp":1794999939})"))),
            Code(Errc::admin_issuer_unknown))
      << "61 s past";
  const Fixture other;
  EXPECT_EQ(code_of(ask(authority, other.header_value(kGood))), Code(Errc::admin_issuer_unknown));
}

TEST(AdminAuthority, a_provider_may_give_role_less_tokens_a_role) {
  const Fixture f;
  IdentityProvider p;
  p.pem_keys.push_back(f.key.public_key());
  p.default_role = "legacy";
  const auto authority = f.authority({{"legacy", "^/kbs/.*$", {}}}, std::move(p));
  EXPECT_EQ(ask(authority, f.header_value(R"({"exp":1795000600})"))->role(), "legacy");
  EXPECT_EQ(code_of(ask(authority, f.header_value(R"({"exp":1795000600,"role":"x"})"))),
            Code(Errc::admin_role_not_allowed));
  EXPECT_EQ(code_of(ask(authority, f.header_value(R"({"exp":1795000600,"role":7})"))),
            Code(Errc::admin_role_missing));
}

TEST(AdminAuthority, patterns_are_anchored_in_every_alternative) {
  const Fixture f;
  const auto refused = [&](std::string pattern) {
    std::vector<IdentityProvider> providers;
    providers.push_back(f.provider());
    const auto a = AdminAuthority::authenticated(std::move(providers), {{"r", pattern, {}}});
    return a.ok() ? Code(Errc::admin_denied) : a.error().code();
  };
  EXPECT_EQ(refused("(xyz"), Code(Errc::acl_not_anchored));
  EXPECT_EQ(refused("^/resource/.+$"), Code(Errc::acl_not_anchored));
  EXPECT_EQ(refused("^/kbs/(x$"), Code(Errc::acl_malformed));
  EXPECT_EQ(refused("^/kbs/x$|.*$"), Code(Errc::acl_not_anchored));
  EXPECT_EQ(refused("^/kbs/a|/kbs/.*$"), Code(Errc::acl_not_anchored));
  EXPECT_EQ(refused(""), Code(Errc::acl_not_anchored));
  EXPECT_EQ(refused(R"(^/kbs/a\$)"), Code(Errc::acl_not_anchored)) << "a literal dollar";
  EXPECT_EQ(refused(R"(^/kbs/a\\\$)"), Code(Errc::acl_not_anchored));
  const auto fine = f.authority({{"admin", R"(^/kbs/(a|b[|]\|)$|^/kbs/c$)", {}}}, f.provider());
  EXPECT_TRUE(ask(fine, f.header_value(kGood), "/kbs/a").ok());
  EXPECT_TRUE(ask(fine, f.header_value(kGood), "/kbs/b||").ok());
  EXPECT_TRUE(ask(fine, f.header_value(kGood), "/kbs/c").ok());
  EXPECT_FALSE(ask(fine, f.header_value(kGood), "/kbs/ax").ok());
}

TEST(AdminAuthority, needs_providers_with_keys) {
  EXPECT_TRUE(AdminAuthority::authenticated({}, {}).error().is(Errc::identity_provider_incomplete));
  std::vector<IdentityProvider> empty(1);
  EXPECT_TRUE(AdminAuthority::authenticated(std::move(empty), {})
                  .error()
                  .is(Errc::identity_provider_incomplete));
}

TEST(AdminAuthority, the_two_simple_modes) {
  EXPECT_EQ(code_of(ask(AdminAuthority::deny_all(), std::nullopt)), Code(Errc::admin_denied));
  EXPECT_TRUE(ask(AdminAuthority::allow_all(), std::nullopt).ok());
}

}  // namespace
}  // namespace trustee::authz
