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

Time at(int seconds) { return kNow + std::chrono::seconds(seconds); }

TEST(TokenCache, finds_what_was_put_under_the_same_text) {
  const Trust trust = header_key_trust();
  const Checked token = checked(trust);
  TokenCache cache;
  EXPECT_EQ(cache.find("text", trust.get(), kNow), nullptr);
  cache.put("text", trust, token, Time::max());
  EXPECT_EQ(cache.find("text", trust.get(), kNow), token);
  EXPECT_EQ(cache.find("texT", trust.get(), kNow), nullptr);
  EXPECT_EQ(cache.find("", trust.get(), kNow), nullptr);
}

TEST(TokenCache, gives_nothing_after_the_tokens_expiry_and_its_leeway) {
  const Trust trust = header_key_trust();
  TokenCache cache;
  cache.put("text", trust, checked(trust), Time::max());
  EXPECT_NE(cache.find("text", trust.get(), at(160)), nullptr);
  EXPECT_EQ(cache.find("text", trust.get(), at(161)), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, gives_nothing_after_the_sessions_end) {
  const Trust trust = header_key_trust();
  TokenCache cache;
  cache.put("cookie", trust, checked(trust), at(10));
  EXPECT_NE(cache.find("cookie", trust.get(), at(10)), nullptr);
  EXPECT_EQ(cache.find("cookie", trust.get(), at(11)), nullptr);
}

TEST(TokenCache, what_was_checked_under_other_trust_is_checked_anew) {
  const Trust before = header_key_trust();
  TokenCache cache;
  cache.put("text", before, checked(before), Time::max());
  const Trust after = header_key_trust();
  EXPECT_EQ(cache.find("text", after.get(), kNow), nullptr);
  EXPECT_EQ(cache.find("text", before.get(), kNow), nullptr) << "it is gone for good";
}

TEST(TokenCache, the_longest_unused_goes) {
  const Trust trust = header_key_trust();
  const Checked token = checked(trust);
  TokenCache cache({.entries = 2, .bytes = 1U << 20U});
  cache.put("a", trust, token, Time::max());
  cache.put("b", trust, token, Time::max());
  EXPECT_NE(cache.find("a", trust.get(), kNow), nullptr);
  cache.put("c", trust, token, Time::max());
  EXPECT_EQ(cache.find("b", trust.get(), kNow), nullptr);
  EXPECT_NE(cache.find("a", trust.get(), kNow), nullptr);
  EXPECT_NE(cache.find("c", trust.get(), kNow), nullptr);
  cache.put("c", trust, token, Time::max());
  EXPECT_EQ(cache.size(), 2U);
}

TEST(TokenCache, is_bounded_in_bytes_of_claims) {
  const Trust trust = header_key_trust();
  TokenCache cache({.entries = 100, .bytes = 10'000});
  for (int i = 0; i < 10; ++i) {
    cache.put("text " + std::to_string(i), trust, checked(trust, 3'000), Time::max());
  }
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_NE(cache.find("text 9", trust.get(), kNow), nullptr);
  EXPECT_EQ(cache.find("text 6", trust.get(), kNow), nullptr);
  cache.put("too large", trust, checked(trust, 10'000), Time::max());
  EXPECT_EQ(cache.find("too large", trust.get(), kNow), nullptr);
  EXPECT_EQ(cache.size(), 3U);
}

}  // namespace
}  // namespace trustee::serve
