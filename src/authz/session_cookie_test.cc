#include "authz/session_cookie.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "authz/errors.h"
#include "codec/base64.h"
#include "crypto/random.h"

namespace trustee::authz {
namespace {

constexpr Time kNow = Time(std::chrono::seconds(1'795'000'000));
constexpr Time kLater = kNow + std::chrono::minutes(5);

ChallengeSession challenge() { return {"bm9uY2U=", "snp", "0.4.0", kLater}; }

CookieKeyRing ring_of(std::initializer_list<std::uint8_t> fills) {
  std::vector<SecretBytes> keys;
  for (const std::uint8_t fill : fills) {
    keys.push_back(SecretBytes(ByteVec(32, fill)));
  }
  return std::move(CookieKeyRing::create(std::move(keys))).value();
}

TEST(SessionCookie, carries_a_challenge_and_gives_it_back) {
  const auto ring = CookieKeyRing::ephemeral();
  const auto cookie = ring.seal(challenge());
  ASSERT_TRUE(cookie.ok());
  EXPECT_EQ(cookie->find("bm9uY2U"), std::string::npos) << "sealed, not just signed";
  const auto opened = ring.open(*cookie, kNow);
  ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  const auto& session = std::get<ChallengeSession>(opened->session);
  EXPECT_EQ(session.nonce, "bm9uY2U=");
  EXPECT_EQ(session.tee, "snp");
  EXPECT_EQ(session.protocol_version, "0.4.0");
  EXPECT_EQ(session.expires, kLater);
}

TEST(SessionCookie, carries_a_token_deflated) {
  const auto ring = CookieKeyRing::ephemeral();
  const std::string token(12'000, 'a');
  const auto cookie = ring.seal(AttestedSession{token, kLater});
  ASSERT_TRUE(cookie.ok());
  EXPECT_LT(cookie->size(), 300U);
  EXPECT_EQ(std::get<AttestedSession>(ring.open(*cookie, kNow)->session).token, token);
}

// Made by another implementation, see the script beside it.
std::map<std::string, std::string> foreign_cookies() {
  std::ifstream in("src/authz/testdata/cookies.txt");
  EXPECT_TRUE(in.good()) << "run from the repository root";
  std::map<std::string, std::string> out;
  std::string name;
  std::string text;
  while (in >> name >> text) {
    out[name] = text;
  }
  return out;
}

TEST(SessionCookie, opens_what_others_sealed_whatever_the_window) {
  const auto ring = ring_of({1});
  const auto cookies = foreign_cookies();
  for (const char* name : {"deflated_window_15", "deflated_window_13", "bytes"}) {
    const auto opened = ring.open(cookies.at(name), kNow);
    ASSERT_TRUE(opened.ok()) << name << ": " << opened.error().to_string();
    const auto& session = std::get<AttestedSession>(opened->session);
    EXPECT_EQ(session.token, cookies.at("token")) << name;
    EXPECT_EQ(session.expires, kLater) << name;
  }
  for (const char* name : {"bytes_cut", "unknown_kind"}) {
    EXPECT_TRUE(ring.open(cookies.at(name), kNow).error().is(Errc::cookie_malformed)) << name;
  }
}

TEST(SessionCookie, carries_a_jws_of_any_length_up_to_the_limit_and_back) {
  const auto ring = CookieKeyRing::ephemeral();
  for (std::size_t size : {0U, 1U, 2U, 3U, 1000U, 2600U, 2700U, 2716U, 2717U, 2800U, 9000U}) {
    const std::string part = codec::base64url_encode(ByteVec(size, 'x'));
    const std::string token = "e30." + part + '.' + codec::base64url_encode(ByteVec(64, 7));
    const auto cookie = ring.seal(AttestedSession{token, kLater});
    ASSERT_TRUE(cookie.ok()) << size << ": " << cookie.error().to_string();
    EXPECT_LE(cookie->size(), CookieKeyRing::kMaxCookie);
    EXPECT_EQ(std::get<AttestedSession>(ring.open(*cookie, kNow)->session).token, token) << size;
  }
}

TEST(SessionCookie, fills_its_room_with_a_jws_that_nothing_makes_shorter) {
  const auto ring = CookieKeyRing::ephemeral();
  const auto cookie_for = [&](std::size_t payload) {
    const std::string token = "e30." + codec::base64url_encode(crypto::random_vec(payload)) + '.' +
                              codec::base64url_encode(crypto::random_vec(64));
    return ring.seal(AttestedSession{token, kLater});
  };
  // 2850 bytes: head 29, kind and expiry 9, lengths 4, header 2, signature 64, tag 16.
  EXPECT_EQ(cookie_for(2726)->size(), CookieKeyRing::kMaxCookie);
  EXPECT_TRUE(cookie_for(2800).error().is(Errc::token_too_large));
}

TEST(SessionCookie, deflates_what_is_not_spelt_as_encoding_would) {
  const auto ring = CookieKeyRing::ephemeral();
  for (const char* token :
       {"", "a", "a.b", "AB.AA.AA", "AA=.AA.AA", "AA.AA.AA.AA", "..", "e30..!"}) {
    const auto cookie = ring.seal(AttestedSession{token, kLater});
    ASSERT_TRUE(cookie.ok()) << token;
    EXPECT_EQ(std::get<AttestedSession>(ring.open(*cookie, kNow)->session).token, token);
  }
}

TEST(SessionCookie, gives_back_the_longest_token_that_packs_well) {
  const auto ring = CookieKeyRing::ephemeral();
  const std::string token(CookieKeyRing::kMaxToken, 'a');
  const auto cookie = ring.seal(AttestedSession{token, kLater});
  ASSERT_TRUE(cookie.ok());
  const auto opened = ring.open(*cookie, kNow);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(std::get<AttestedSession>(opened->session).token, token);
}

TEST(SessionCookie, two_of_the_same_session_share_nothing_but_format_and_key_id) {
  const auto ring = CookieKeyRing::ephemeral();
  const auto a = codec::base64url_decode(*ring.seal(challenge())).value();
  const auto b = codec::base64url_decode(*ring.seal(challenge())).value();
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + 5, b.begin()));
  std::size_t same = 0;
  for (std::size_t i = 5; i < a.size(); ++i) {
    same += a[i] == b[i] ? 1U : 0U;
  }
  EXPECT_LT(same, 12U);
  EXPECT_NE(ring.open(*ring.seal(challenge()), kNow)->id,
            ring.open(*ring.seal(challenge()), kNow)->id);
}

TEST(SessionCookie, refuses_a_token_that_does_not_fit) {
  const auto ring = CookieKeyRing::ephemeral();
  const std::string random = codec::base64url_encode(crypto::random_vec(4000));
  EXPECT_TRUE(ring.seal(AttestedSession{random, kLater}).error().is(Errc::token_too_large));
  const std::string over(CookieKeyRing::kMaxToken + 1, 'a');
  EXPECT_TRUE(ring.seal(AttestedSession{over, kLater}).error().is(Errc::token_too_large));
  const std::string at(CookieKeyRing::kMaxToken, 'a');
  EXPECT_TRUE(ring.seal(AttestedSession{at, kLater}).ok());
}

TEST(SessionCookie, every_changed_bit_is_refused) {
  const auto ring = CookieKeyRing::ephemeral();
  const auto good = codec::base64url_decode(*ring.seal(challenge())).value();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    ByteVec bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(ring.open(codec::base64url_encode(bad), kNow).ok()) << bit;
  }
  for (std::size_t n = 0; n < good.size(); ++n) {
    EXPECT_FALSE(ring.open(codec::base64url_encode(Bytes(good).first(n)), kNow).ok()) << n;
  }
}

TEST(SessionCookie, expires_after_its_last_moment) {
  const auto ring = CookieKeyRing::ephemeral();
  const auto cookie = *ring.seal(challenge());
  EXPECT_TRUE(ring.open(cookie, kLater).ok());
  EXPECT_TRUE(
      ring.open(cookie, kLater + std::chrono::microseconds(1)).error().is(Errc::session_expired));
}

TEST(SessionCookie, keys_rotate_by_adding_one_in_front) {
  const auto before = ring_of({1});
  const auto after = ring_of({2, 1});
  const auto later = ring_of({3, 2});
  const auto old_cookie = *before.seal(challenge());
  EXPECT_TRUE(after.open(old_cookie, kNow).ok());
  EXPECT_TRUE(before.open(*after.seal(challenge()), kNow).error().is(Errc::cookie_key_unknown));
  EXPECT_TRUE(later.open(old_cookie, kNow).error().is(Errc::cookie_key_unknown));
}

TEST(SessionCookie, says_what_is_wrong_with_other_texts) {
  const auto ring = CookieKeyRing::ephemeral();
  for (const char* text : {"", "0123456789abcdef0123456789abcdef", "%%%", "AQ"}) {
    EXPECT_TRUE(ring.open(text, kNow).error().is(Errc::cookie_malformed)) << text;
  }
  EXPECT_TRUE(ring.open(std::string(3801, 'A'), kNow).error().is(Errc::cookie_malformed));
  std::vector<SecretBytes> short_key;
  short_key.push_back(SecretBytes(ByteVec(31, 1)));
  EXPECT_TRUE(CookieKeyRing::create(std::move(short_key)).error().is(Errc::cookie_key_invalid));
  EXPECT_TRUE(CookieKeyRing::create({}).error().is(Errc::cookie_key_invalid));
}

}  // namespace
}  // namespace trustee::authz
