#include "client/admin_requests.h"

#include <gtest/gtest.h>

#include "client/errors.h"
#include "codec/base64.h"
#include "tests/support/transcript.h"

namespace trustee::client {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The recorded request number `n` of a scenario whose method and path are these, without the two
/// fields that the HTTP library adds.
HttpRequest recorded(const std::string& scenario, std::string_view method, std::string_view path,
                     std::size_t n = 0) {
  const json::Value file = json_file("tests/transcripts/" + scenario + ".json");
  for (const json::Value& step : *file.at_pointer("/steps")->as_array()) {
    for (const json::Value& e : *step.at_pointer("/exchanges")->as_array()) {
      const json::Value& request = *e.at_pointer("/request");
      if (text_at(request, "/method") != method || text_at(request, "/path") != path) continue;
      if (n > 0) {
        --n;
        continue;
      }
      HttpRequest out;
      out.method = method;
      out.path = path;
      for (const json::Value& header : *request.at_pointer("/headers")->as_array()) {
        const std::string name = text_at(header, "/0");
        if (name != "host" && name != "content-length") {
          out.headers.emplace_back(name, text_at(header, "/1"));
        }
      }
      out.body = to_vec(as_bytes(text_at(request, "/body")));
      return out;
    }
  }
  ADD_FAILURE() << scenario << ' ' << method << ' ' << path;
  return {};
}

AdminToken token_of(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "authorization") return value.substr(std::string("Bearer ").size());
  }
  return std::nullopt;
}

void expect_same(const HttpRequest& ours, const HttpRequest& theirs) {
  EXPECT_EQ(ours.method, theirs.method);
  EXPECT_EQ(ours.path, theirs.path);
  EXPECT_EQ(ours.headers, theirs.headers);
  EXPECT_EQ(as_text(ours.body), as_text(theirs.body));
}

TEST(AdminRequests, resources_are_set_and_deleted_as_the_released_client_does) {
  const std::string path = "/kbs/v0/resource/default/test/secret";
  const auto set = recorded("04-set-delete-resource", "POST", path);
  expect_same(set_resource("default/test/secret", as_bytes("shhhhhhh"), token_of(set)), set);
  const auto removal = recorded("04-set-delete-resource", "DELETE", path);
  expect_same(delete_resource("default/test/secret", token_of(removal)), removal);
}

TEST(AdminRequests, a_policy_file_is_uploaded_as_the_released_client_does) {
  const auto set = recorded("05-policies", "POST", "/kbs/v0/resource-policy", 4);
  const auto body = json::parse(as_text(set.body));
  const ByteVec policy = codec::base64url_decode(text_at(*body, "/policy")).value();
  expect_same(set_resource_policy(policy, token_of(set)), set);
}

TEST(AdminRequests, reference_values_are_registered_as_the_released_client_does) {
  const auto set = recorded("06-reference-values", "POST", "/kbs/v0/reference-value");
  const auto value = reference_value("abcde", ValueKind::text, false);
  expect_same(set_sample_reference_value("launch_digest", *value, token_of(set)), set);
}

TEST(AdminRequests, without_a_token_there_is_no_authorization_and_an_empty_one_is_sent) {
  EXPECT_EQ(token_of(delete_resource("a/b/c", std::nullopt)), std::nullopt);
  EXPECT_EQ(token_of(delete_resource("a/b/c", "")), "");
}

TEST(AdminRequests, reference_values_have_the_kind_that_was_asked_for) {
  const auto text = [](std::string_view value, ValueKind kind, bool single) {
    const auto out = reference_value(value, kind, single);
    return out.ok() ? json::write(*out) : out.error().code().id();
  };
  EXPECT_EQ(text("7", ValueKind::text, false), R"(["7"])");
  EXPECT_EQ(text("7", ValueKind::text, true), R"("7")");
  EXPECT_EQ(text("7", ValueKind::integer, false), "[7]");
  EXPECT_EQ(text("-9223372036854775808", ValueKind::integer, true), "-9223372036854775808");
  EXPECT_EQ(text("true", ValueKind::boolean, false), "[true]");
  for (const std::string_view bad : {"", "7x", " 7", "7.0", "0x7", "9223372036854775808"}) {
    EXPECT_EQ(text(bad, ValueKind::integer, false), "client.value_malformed") << bad;
  }
  for (const std::string_view bad : {"", "True", "1", "yes"}) {
    EXPECT_EQ(text(bad, ValueKind::boolean, false), "client.value_malformed") << bad;
  }
}

TEST(AdminRequests, only_200_is_success_and_a_refusal_names_code_and_request) {
  HttpAnswer bare;
  bare.status = 200;
  EXPECT_TRUE(check_admin_answer(bare).ok());
  for (const int status : {0, 201, 204, 302, 401, 500}) {
    bare.status = status;
    EXPECT_FALSE(check_admin_answer(bare).ok()) << status;
  }
  HttpAnswer answer;
  answer.status = 401;
  answer.body = R"({"type":"x"})";
  answer.request_id = "r1";
  answer.code = "authz.admin_denied";
  EXPECT_EQ(check_admin_answer(answer).error().detail(),
            "Request Failed, Response: \"{\\\"type\\\":\\\"x\\\"}\"\n\nCaused by:\n    status 401, "
            "code authz.admin_denied, request r1");
  answer.body = "\x1b[2J";
  answer.request_id = "r1\x9b";
  answer.code = "\x1b]0;x\x07";
  EXPECT_EQ(check_admin_answer(answer).error().detail(),
            "Request Failed, Response: \"\\u{1b}[2J\"\n\nCaused by:\n    status 401, "
            "code \\u001b]0;x\\u0007, request r1\xef\xbf\xbd");
}

}  // namespace
}  // namespace trustee::client
