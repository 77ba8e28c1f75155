#include "serve/reply.h"

#include <gtest/gtest.h>

#include "kbs/errors.h"
#include "net/errors.h"

namespace trustee::serve {
namespace {

constexpr Time kExpires = Time(std::chrono::seconds(1'795'000'000));

std::optional<std::string> found_in(std::initializer_list<std::string> fields) {
  net::Headers headers;
  for (const auto& field : fields) {
    headers.add("Cookie", field);
  }
  return session_cookie_of(headers);
}

TEST(Reply, the_session_cookie_is_bound_to_the_path_and_hidden_from_scripts) {
  EXPECT_EQ(session_cookie("abc", kExpires, false),
            "kbs-session-id=abc; Expires=Wed, 18 Nov 2026 11:06:40 GMT; HttpOnly; Path=/kbs/v0; "
            "SameSite=Strict");
  EXPECT_EQ(session_cookie("abc", kExpires, true),
            "kbs-session-id=abc; Expires=Wed, 18 Nov 2026 11:06:40 GMT; HttpOnly; Path=/kbs/v0; "
            "SameSite=Strict; Secure");
}

TEST(Reply, finds_the_first_session_cookie_over_all_fields) {
  EXPECT_EQ(found_in({"kbs-session-id=abc"}), "abc");
  EXPECT_EQ(found_in({"a=1; kbs-session-id=abc;b=2"}), "abc");
  EXPECT_EQ(found_in({"a=1", "kbs-session-id=first", "kbs-session-id=second"}), "first");
  EXPECT_EQ(found_in({"kbs-session-id=first; kbs-session-id=second"}), "first");
  EXPECT_EQ(found_in({"\tkbs-session-id = abc "}), "abc");
}

TEST(Reply, decodes_cookie_names_and_values_once) {
  EXPECT_EQ(found_in({"kbs%2Dsession-id=a%2Fb%3D"}), "a/b=");
  EXPECT_EQ(found_in({"kbs-session-id=%2541"}), "%41");
  EXPECT_EQ(found_in({"kbs-session-id=a=b=c"}), "a=b=c");
}

TEST(Reply, skips_what_is_no_pair_and_what_has_another_name) {
  EXPECT_EQ(found_in({}), std::nullopt);
  EXPECT_EQ(found_in({""}), std::nullopt);
  EXPECT_EQ(found_in({";;;"}), std::nullopt);
  EXPECT_EQ(found_in({"kbs-session-id"}), std::nullopt);
  EXPECT_EQ(found_in({"KBS-SESSION-ID=abc; xkbs-session-id=abc; kbs-session-idx=abc"}),
            std::nullopt);
  EXPECT_EQ(found_in({"junk; kbs-session-id="}), "");
}

TEST(Reply, a_refusal_has_the_wire_text_and_says_who_must_act) {
  Context context;
  const auto response = refuse(context, kbs::attest_failed(Error(kbs::Errc::nonce_mismatch, "x")));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(as_text(response.body),
            R"({"type":"https://github.com/confidential-containers/kbs/errors/AttestationError",)"
            R"("detail":"Attestation error: RCAR handshake Attest failed"})");
  EXPECT_EQ(response.headers.find("content-type"), nullptr);
  EXPECT_EQ(*response.headers.find("trustee-code"), "kbs.nonce_mismatch");
  EXPECT_EQ(*response.headers.find("trustee-actor"), "guest");
  ASSERT_TRUE(context.refusal.has_value());
  EXPECT_TRUE(context.refusal->is(kbs::Errc::nonce_mismatch));
}

TEST(Reply, want_of_room_is_a_503_that_tells_to_come_again) {
  for (const Error& cause : {Error(net::Errc::pool_full), Error(net::Errc::peer_share_exceeded),
                             Error(net::Errc::pool_stopped), Error(kbs::Errc::overloaded)}) {
    Context context;
    const auto response = refuse(context, kbs::plugin_internal(cause));
    EXPECT_EQ(response.status, 503) << cause.to_string();
    EXPECT_EQ(*response.headers.find("retry-after"), "1");
    EXPECT_TRUE(response.body.empty());
  }
  Context context;
  EXPECT_EQ(refuse(context, kbs::plugin_internal(Error(net::Errc::job_failed))).status, 401);
}

}  // namespace
}  // namespace trustee::serve
