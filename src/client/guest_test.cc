#include "client/guest.h"

#include <deque>
#include <vector>

#include <gtest/gtest.h>

#include "client/errors.h"
#include "rcar/messages.h"
#include "tests/support/secret_access.h"

namespace trustee::client {
namespace {

/// Answers from a list, in order, and keeps what was asked.
class ScriptedTransport final : public Transport {
 public:
  Result<HttpAnswer> exchange(const HttpRequest& request) override {
    asked.push_back(request);
    if (answers.empty()) return Error(Errc::server_failed, "the script is over");
    HttpAnswer out = std::move(answers.front());
    answers.pop_front();
    return out;
  }
  std::string lines() const {
    std::string out;
    for (const auto& request : asked) {
      out += request.method + " " + request.path + "\n";
    }
    return out;
  }
  std::deque<HttpAnswer> answers;
  std::vector<HttpRequest> asked;
};

class FixedEvidence final : public EvidenceSource {
 public:
  rcar::Tee primary() const override { return rcar::Tee::sample; }
  Result<json::Value> evidence(Bytes report_data) override {
    if (fails) return Error(Errc::evidence_failed, "no device");
    digest = to_vec(report_data);
    return json::Value("evidence");
  }
  Result<std::string> additional(Bytes) override { return std::string(); }
  bool fails = false;
  ByteVec digest;
};

HttpAnswer answer(int status, std::string body, std::optional<std::string> cookie = {}) {
  HttpAnswer out;
  out.status = status;
  out.body = std::move(body);
  if (cookie) out.set_cookies = {"kbs-session-id=" + *cookie + "; Path=/kbs/v0; HttpOnly"};
  return out;
}
HttpAnswer refused(int status, const std::string& name) {
  HttpAnswer out = answer(
      status, rcar::write(rcar::ErrorInformation{"https://github.com/confidential-containers/kbs/"
                                                 "errors/" +
                                                     name,
                                                 "words of the server"}));
  out.code = "authz.some_code";
  out.actor = "guest";
  out.request_id = "r1";
  return out;
}
const char* const kChallenge = R"({"nonce":"bm9uY2U=","extra-params":""})";
const char* const kToken = R"({"token":"e30.e30.AAAA"})";

class GuestTest : public ::testing::Test {
 protected:
  GuestTest() : key_(std::move(TeeKey::generate()).value()) {}

  Guest guest(std::optional<std::string> init_data = {}) {
    return {transport_, evidence_, std::move(TeeKey::generate()).value(), std::move(init_data)};
  }
  void script(std::initializer_list<HttpAnswer> answers) { transport_.answers.assign(answers); }
  Code code(Result<SecretBytes> result) {
    return result.ok() ? Code(Errc::request_failed) : result.error().code();
  }

  ScriptedTransport transport_;
  FixedEvidence evidence_;
  TeeKey key_;
};

TEST_F(GuestTest, attests_with_auth_then_attest_and_carries_the_newest_cookie) {
  script({answer(200, kChallenge, "first"), answer(200, kToken, "second"),
          refused(404, "PluginNotFound")});
  Guest g = guest();
  EXPECT_EQ(g.attest().value(), "e30.e30.AAAA");
  EXPECT_EQ(code(g.get_resource("a/b/c")), Code(Errc::resource_not_found));
  EXPECT_EQ(transport_.lines(),
            "POST /kbs/v0/auth\nPOST /kbs/v0/attest\nGET /kbs/v0/resource/a/b/c\n");
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const std::string agent = "attestation-agent-kbs-client/0.1.0";
  EXPECT_EQ(
      transport_.asked[0].headers,
      (Headers{{"content-type", "application/json"}, {"accept", "*/*"}, {"user-agent", agent}}));
  EXPECT_EQ(transport_.asked[1].headers, (Headers{{"content-type", "application/json"},
                                                  {"accept", "*/*"},
                                                  {"user-agent", agent},
                                                  {"cookie", "kbs-session-id=first"}}));
  EXPECT_EQ(
      transport_.asked[2].headers,
      (Headers{{"accept", "*/*"}, {"user-agent", agent}, {"cookie", "kbs-session-id=second"}}));
  EXPECT_EQ(as_text(transport_.asked[0].body),
            R"({"version":"0.4.0","tee":"sample","extra-params":{"supported-hash-algorithms":)"
            R"(["sha256","sha384","sha512","sm3"]}})");
}

TEST_F(GuestTest, sends_init_data_as_toml_and_binds_the_nonce) {
  script({answer(200, kChallenge, "c"), answer(200, kToken)});
  Guest g = guest("version = \"0.1.0\"\n");
  ASSERT_TRUE(g.attest().ok());
  const auto sent = rcar::parse_attestation(as_text(transport_.asked[1].body));
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->runtime_data.nonce, "bm9uY2U=");
  EXPECT_EQ(sent->init_data, (rcar::InitData{"toml", "version = \"0.1.0\"\n"}));
  EXPECT_EQ(evidence_.digest.size(), 48U) << "SHA-384 unless the server says otherwise";
}

TEST_F(GuestTest, asks_for_the_resource_first_and_attests_when_the_server_wants_a_session) {
  script({refused(401, "TokenNotFound"), answer(200, kChallenge, "c"), answer(200, kToken, "d"),
          refused(401, "PolicyDeny")});
  Guest g = guest();
  std::string notices;
  g.on_notice = [&](std::string_view name) { notices += name; };
  EXPECT_EQ(code(g.get_resource("a/b/c")), Code(Errc::unauthorized));
  EXPECT_EQ(transport_.lines(),
            "GET /kbs/v0/resource/a/b/c\nPOST /kbs/v0/auth\nPOST /kbs/v0/attest\n"
            "GET /kbs/v0/resource/a/b/c\n");
  EXPECT_EQ(notices, "TokenNotFound");
}

TEST_F(GuestTest, a_refusal_is_final_and_carries_words_code_actor_and_request) {
  for (const char* name : {"PolicyDeny", "PolicyEngineError", "PluginInternalError", "JweError"}) {
    transport_.asked.clear();
    script({refused(401, name)});
    const auto out = guest().get_resource("a/b/c");
    EXPECT_TRUE(out.error().is(Errc::unauthorized)) << name;
    EXPECT_EQ(out.error().detail(), "request unauthorized\n\nCaused by:\n    " + std::string(name) +
                                        ": words of the server\n    code authz.some_code, guest "
                                        "must act\n    request r1");
    EXPECT_EQ(transport_.asked.size(), 1U) << name;
  }
}

TEST_F(GuestTest, does_not_attest_for_ever) {
  for (int i = 0; i < Guest::kResourceAttempts + 1; ++i) {
    transport_.answers.push_back(refused(401, "TokenVerifierError"));
    transport_.answers.push_back(answer(200, kChallenge, "c"));
    transport_.answers.push_back(answer(200, kToken, "d"));
  }
  const auto out = guest().get_resource("a/b/c");
  EXPECT_TRUE(out.error().is(Errc::too_many_attempts));
  EXPECT_EQ(out.error().detail(),
            "request unauthorized\n\nCaused by:\n    TokenVerifierError: words of the server\n"
            "    code authz.some_code, guest must act\n    request r1");
  EXPECT_EQ(transport_.lines(),
            "GET /kbs/v0/resource/a/b/c\nPOST /kbs/v0/auth\nPOST /kbs/v0/attest\n"
            "GET /kbs/v0/resource/a/b/c\nPOST /kbs/v0/auth\nPOST /kbs/v0/attest\n"
            "GET /kbs/v0/resource/a/b/c\n")
      << "nothing is attested that no request follows";
}

TEST_F(GuestTest, returns_the_cookies_of_a_load_balancer_and_a_new_session_alone) {
  HttpAnswer first = refused(401, "TokenNotFound");
  first.set_cookies = {"lb=r1; Path=/; Secure"};
  HttpAnswer attested = answer(200, kToken);
  attested.set_cookies = {"lb=r2", "kbs-session-id=d"};
  script({first, answer(200, kChallenge, "c"), attested, refused(401, "TokenNotFound"),
          answer(200, kChallenge, "e"), answer(200, kToken), refused(404, "PluginNotFound")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::resource_not_found));
  std::string cookies;
  for (const HttpRequest& request : transport_.asked) {
    const auto& [name, value] = request.headers.back();
    cookies += (name == "cookie" ? value : "none") + "\n";
  }
  EXPECT_EQ(cookies,
            "none\nlb=r1\nlb=r1; kbs-session-id=c\nlb=r2; kbs-session-id=d\nlb=r2\n"
            "lb=r2; kbs-session-id=e\nlb=r2; kbs-session-id=e\n");
}

TEST_F(GuestTest, words_of_a_server_move_no_terminal) {
  HttpAnswer hostile = refused(401, "x/Policy\x1b[2JDeny");
  hostile.body = rcar::write(rcar::ErrorInformation{"x/Policy\x1b[2JDeny", "a\nb\xc2\x9b"});
  hostile.code = "c\x1b";
  hostile.actor = "d\x07";
  hostile.request_id = "e\x08";
  script({hostile});
  EXPECT_EQ(guest().get_resource("a/b/c").error().detail(),
            "request unauthorized\n\nCaused by:\n    Policy\\u001b[2JDeny: a\\nb\\u009b\n"
            "    code c\\u001b, d\\u0007 must act\n    request e\\u0008");
  script({answer(500, "\x1b[2J\n")});
  EXPECT_EQ(guest().get_resource("a/b/c").error().detail(),
            "KBS Server Internal Failed\n\nCaused by:\n    status 500: \\u001b[2J\\n");
  for (const char* challenge : {"\x1b[2J", R"({"nonce":"bm9uY2U=","extra-params":)"
                                           R"({"selected-hash-algorithm":"\u001b[2J"}})"}) {
    script({answer(200, challenge, "c")});
    const auto out = guest().attest();
    ASSERT_FALSE(out.ok());
    EXPECT_EQ(out.error().detail().find('\x1b'), std::string::npos) << challenge;
  }
}

TEST_F(GuestTest, a_token_that_is_no_JWT_by_its_form_is_refused) {
  for (const char* token :
       {"", "a.b.c", "e30.e30", "e30.e30.", "e30.W10.AAAA", "e30.e30.AA\\u001b", "\\u001b[2J"}) {
    script({answer(200, kChallenge, "c"),
            answer(200, std::string(R"({"token":")") + token + R"("})")});
    const auto out = guest().attest();
    ASSERT_FALSE(out.ok()) << token;
    EXPECT_TRUE(out.error().is(Errc::answer_malformed)) << token;
    EXPECT_EQ(out.error().detail().find('\x1b'), std::string::npos) << token;
  }
}

TEST_F(GuestTest, a_failed_handshake_ends_the_call) {
  script({refused(401, "TokenNotFound"), refused(401, "AttestationError")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::attestation_refused));
  script({refused(401, "TokenNotFound"), answer(200, kChallenge, "c"),
          refused(401, "AttestationError")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::attestation_refused));
  script({refused(401, "TokenNotFound"), answer(200, kChallenge, "c"), answer(503, "")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::server_failed));
  evidence_.fails = true;
  script({refused(401, "TokenNotFound"), answer(200, kChallenge, "c")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::evidence_failed));
}

TEST_F(GuestTest, answers_that_are_not_of_the_protocol_are_refused) {
  script({answer(200, kChallenge)});
  EXPECT_TRUE(guest().attest().error().is(Errc::no_session_cookie));
  script({answer(200, "{}", "c")});
  EXPECT_TRUE(guest().attest().error().is(Errc::answer_malformed));
  script({answer(200, kChallenge, "c"), answer(200, R"({"token":1})")});
  EXPECT_TRUE(guest().attest().error().is(Errc::answer_malformed));
  script({answer(302, "")});
  EXPECT_TRUE(guest().attest().error().is(Errc::server_failed));
  script({answer(200, "no JWE")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::answer_malformed));
  script({answer(401, "<html>")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::unauthorized));
  script({answer(500, "")});
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::server_failed));
}

TEST_F(GuestTest, a_path_with_a_quote_is_not_sent) {
  for (const char* path : {"a/b/\"", "a/b/\\"}) {
    EXPECT_EQ(code(guest().get_resource(path)), Code(Errc::path_malformed));
  }
  EXPECT_TRUE(transport_.asked.empty());
}

TEST_F(GuestTest, a_resource_encrypted_to_the_key_is_opened_and_another_is_not) {
  const auto recipient = rcar::make_recipient(key_.announced());
  SecretBytes secret(to_vec(as_bytes("shhhhhhh")));
  const std::string jwe = jose::to_json_text(*recipient->encrypt(secret));
  script({answer(200, jwe), answer(200, jwe)});
  const auto opened = get_resource_with_token(transport_, key_, "a.b.c", "a/b/c");
  ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  EXPECT_EQ(as_text(opened->reveal(SecretAccessForTest::key())), "shhhhhhh");
  EXPECT_EQ(transport_.asked[0].headers[0],
            (std::pair<std::string, std::string>("authorization", "Bearer a.b.c")));
  EXPECT_EQ(code(guest().get_resource("a/b/c")), Code(Errc::decrypt_failed));
}

TEST(CheckTokenText, looks_at_all_three_parts) {
  const auto verdict = [](std::string_view token) {
    const auto checked = check_token_text(token);
    return checked.ok() ? std::string("ok") : checked.error().code().id();
  };
  EXPECT_EQ(verdict("e30.e30.AAAA"), "ok");
  for (const char* token : {"e30.e30.", "e30.e30.!", "e30.e30.A", "!.e30.AAAA", "e30.!.AAAA"}) {
    EXPECT_EQ(verdict(token), "client.token_malformed") << token;
  }
}

TEST_F(GuestTest, a_token_got_elsewhere_is_not_replaced_by_an_attestation) {
  script({refused(401, "TokenVerifierError")});
  EXPECT_EQ(code(get_resource_with_token(transport_, key_, "a.b.c", "a/b/c")),
            Code(Errc::unauthorized));
  EXPECT_EQ(transport_.asked.size(), 1U);
}

}  // namespace
}  // namespace trustee::client
