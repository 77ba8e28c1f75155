// What the record of a request says, against what the guest got.

#include "serve/testbed.h"

namespace trustee::serve {
namespace {

constexpr const char* kExplain = "/kbs/admin/v1/explain/0123456789abcdef0123456789abcdef";

json::Value explained(Testbed& kbs) {
  const auto answer = kbs.ask("GET", kExplain);
  EXPECT_EQ(answer.status, 200);
  return json::parse(body_of(answer)).value();
}

std::string text_at(const json::Value& document, std::string_view pointer) {
  const json::Value* value = document.at_pointer(pointer);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? "nothing at " + std::string(pointer) : *text;
}

/// A guest that a policy allows everything.
TestGuest attested(Testbed& kbs) {
  TestGuest guest(kbs);
  EXPECT_EQ(guest.auth().status, 200);
  EXPECT_EQ(guest.attest().status, 200);
  return guest;
}

TEST(Records, of_a_resource_that_was_handed_over_say_released) {
  Testbed kbs;
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  ASSERT_EQ(attested(kbs).get("a/b/c").status, 200);
  const json::Value explanation = explained(kbs);
  EXPECT_EQ(text_at(explanation, "/record/verdict"), "released");
  EXPECT_EQ(explanation.at_pointer("/record/findings/0"), nullptr);
}

TEST(Records, of_a_resource_that_is_not_there_say_refused_and_why) {
  Testbed kbs;
  const auto answer = attested(kbs).get("a/b/c");
  EXPECT_EQ(code_of(answer), "kbs.resource_absent");
  const json::Value explanation = explained(kbs);
  EXPECT_EQ(text_at(explanation, "/record/verdict"), "refused");
  EXPECT_EQ(text_at(explanation, "/record/release/resource"), "resource/a/b/c");
  EXPECT_EQ(text_at(explanation, "/record/findings/0/rule"), "kbs.resource_absent");
  EXPECT_EQ(text_at(explanation, "/explanations/0/subject"), "resource/a/b/c");
  const std::string text = body_of(kbs.ask("GET", std::string(kExplain) + "?format=text"));
  EXPECT_TRUE(text.starts_with("request 0123456789abcdef0123456789abcdef: refused\n")) << text;
}

TEST(Records, of_what_fails_after_the_policy_say_refused_and_why) {
  Testbed kbs;
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  const std::string token = header_key_token(R"({"exp":1795000100})");
  const auto code_after = [&](const char* method, const char* target) {
    const auto answer = kbs.ask(method, target, {}, {}, token);
    const json::Value explanation = explained(kbs);
    EXPECT_EQ(text_at(explanation, "/record/verdict"), "refused") << method << target;
    EXPECT_EQ(text_at(explanation, "/record/findings/0/rule"), code_of(answer));
    return code_of(answer);
  };
  EXPECT_EQ(code_after("GET", "/kbs/v0/resource/a/b/c"), "authz.tee_key_missing");
  EXPECT_EQ(code_after("PUT", "/kbs/v0/resource/a/b/c"), "kbs.operation_unsupported");
  EXPECT_EQ(code_after("GET", "/kbs/v0/resource/a"), "authz.resource_path_malformed");
}

TEST(Records, of_a_path_of_any_bytes_are_lines_and_json_of_text) {
  Testbed kbs;
  auto guest = attested(kbs);
  EXPECT_NE(guest.get("a%0Arequest/%1B[2J/%FF").status, 200);
  const json::Value explanation = explained(kbs);
  EXPECT_EQ(text_at(explanation, "/record/verdict"), "refused");
  EXPECT_EQ(text_at(explanation, "/record/release/resource"),
            "resource/a\nrequest/\x1b[2J/\xEF\xBF\xBD");
  const std::string text = body_of(kbs.ask("GET", std::string(kExplain) + "?format=text"));
  EXPECT_NE(text.find("\nresource resource/a\\nrequest/\\u001b[2J/\xEF\xBF\xBD\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("\nrequest"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
}

}  // namespace
}  // namespace trustee::serve
