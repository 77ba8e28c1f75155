#include "serve/token_cache.h"

#include "serve/testbed.h"

namespace trustee::serve {
namespace {

using Trust = std::shared_ptr<const authz::TokenTrust>;
using Checked = std::shared_ptr<const authz::CheckedToken>;

// A token that expires 100 s after kNow, with claims of about `size` bytes more.
Checked checked(const Trust& trust, std::size_t size = 0) {
  const std::string claims = R"({"exp":1795000100,"x":")" + std::string(size, 'x') + "\"}";
  auto out = trust->check(header_key_token(claims), kNow);
  EXPECT_TRUE(out.ok()) << out.error().to_string();
  return *out;
}

world::World under(const Trust& trust) {
  world::World out;
  out.token_trust = trust;
  return out;
}

Time at(int seconds) { return kNow + std::chrono::seconds(seconds); }

TEST(TokenCache, finds_what_was_put_under_the_same_text) {
  const Trust trust = header_key_trust();
  const Checked token = checked(trust);
  TokenCache cache;
  EXPECT_EQ(cache.find("text", under(trust), kNow), nullptr);
  cache.put("text", under(trust), token, Time::max());
  EXPECT_EQ(cache.find("text", under(trust), kNow), token);
  EXPECT_EQ(cache.find("texT", under(trust), kNow), nullptr);
  EXPECT_EQ(cache.find("", under(trust), kNow), nullptr);
}

TEST(TokenCache, gives_nothing_after_the_tokens_expiry_and_its_leeway) {
  const Trust trust = header_key_trust();
  TokenCache cache;
  cache.put("text", under(trust), checked(trust), Time::max());
  EXPECT_NE(cache.find("text", under(trust), at(160)), nullptr);
  EXPECT_EQ(cache.find("text", under(trust), at(161)), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, gives_nothing_after_the_sessions_end) {
  const Trust trust = header_key_trust();
  TokenCache cache;
  cache.put("cookie", under(trust), checked(trust), at(10));
  EXPECT_NE(cache.find("cookie", under(trust), at(10)), nullptr);
  EXPECT_EQ(cache.find("cookie", under(trust), at(11)), nullptr);
}

TEST(TokenCache, what_was_checked_under_other_trust_is_checked_anew) {
  const Trust before = header_key_trust();
  TokenCache cache;
  cache.put("text", under(before), checked(before), Time::max());
  const Trust after = header_key_trust();
  EXPECT_EQ(cache.find("text", under(after), kNow), nullptr);
  EXPECT_EQ(cache.find("text", under(before), kNow), nullptr) << "it is gone for good";
}

TEST(TokenCache, a_session_key_that_was_taken_away_ends_what_it_opened) {
  world::World world = under(header_key_trust());
  const auto keys = std::make_shared<const authz::CookieKeyRing>(authz::CookieKeyRing::ephemeral());
  world.cookie_keys = keys;
  TokenCache cache;
  cache.put("cookie", world, checked(world.token_trust), Time::max());
  EXPECT_NE(cache.find("cookie", world, kNow), nullptr);
  world.cookie_keys =
      std::make_shared<const authz::CookieKeyRing>(authz::CookieKeyRing::ephemeral());
  EXPECT_EQ(cache.find("cookie", world, kNow), nullptr);
  world.cookie_keys = keys;
  EXPECT_EQ(cache.find("cookie", world, kNow), nullptr) << "it is gone for good";
}

TEST(TokenCache, the_longest_unused_goes) {
  const Trust trust = header_key_trust();
  const Checked token = checked(trust);
  TokenCache cache({.entries = 2, .bytes = 1U << 20U});
  cache.put("a", under(trust), token, Time::max());
  cache.put("b", under(trust), token, Time::max());
  EXPECT_NE(cache.find("a", under(trust), kNow), nullptr);
  cache.put("c", under(trust), token, Time::max());
  EXPECT_EQ(cache.find("b", under(trust), kNow), nullptr);
  EXPECT_NE(cache.find("a", under(trust), kNow), nullptr);
  EXPECT_NE(cache.find("c", under(trust), kNow), nullptr);
  cache.put("c", under(trust), token, Time::max());
  EXPECT_EQ(cache.size(), 2U);
}

TEST(TokenCache, is_bounded_in_bytes_of_claims) {
  const Trust trust = header_key_trust();
  TokenCache cache({.entries = 100, .bytes = 10'000});
  for (int i = 0; i < 10; ++i) {
    cache.put("text " + std::to_string(i), under(trust), checked(trust, 3'000), Time::max());
  }
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_NE(cache.find("text 9", under(trust), kNow), nullptr);
  EXPECT_EQ(cache.find("text 6", under(trust), kNow), nullptr);
  cache.put("too large", under(trust), checked(trust, 10'000), Time::max());
  EXPECT_EQ(cache.find("too large", under(trust), kNow), nullptr);
  EXPECT_EQ(cache.size(), 3U);
}

}  // namespace
}  // namespace trustee::serve
