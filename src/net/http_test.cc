#include "net/http.h"

#include <gtest/gtest.h>

#include "net/access_line.h"

namespace trustee::net {
namespace {

TEST(Headers, are_found_without_regard_to_case_and_keep_their_order_and_spelling) {
  Headers h;
  h.add("Set-Cookie", "a=1");
  h.add("X-One", "1");
  h.add("set-cookie", "b=2");
  ASSERT_NE(h.find("SET-COOKIE"), nullptr);
  EXPECT_EQ(*h.find("SET-COOKIE"), "a=1");
  EXPECT_EQ(h.all("Set-cookie"), (std::vector<std::string_view>{"a=1", "b=2"}));
  EXPECT_EQ(h.begin()->name, "Set-Cookie");
  EXPECT_EQ(h.find("set-cooki"), nullptr);
}

TEST(Headers, set_replaces_every_field_of_the_name) {
  Headers h;
  h.add("A", "1");
  h.add("a", "2");
  h.set("A", "3");
  EXPECT_EQ(h.size(), 1u);
  EXPECT_EQ(*h.find("a"), "3");
}

TEST(SendableHeader, refuses_what_would_split_the_message) {
  EXPECT_TRUE(is_sendable_header("X-A", "any text; \"quoted\""));
  EXPECT_FALSE(is_sendable_header("X-A", "a\r\nb: c"));
  EXPECT_FALSE(is_sendable_header("X-A", std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_sendable_header("X A", "v"));
  EXPECT_FALSE(is_sendable_header("", "v"));
}

Exchange sample_exchange() {
  Exchange e;
  e.peer_address = "127.0.0.1";
  e.request_line = "GET /kbs/v0/resource/a/b/c HTTP/1.1";
  e.status = 401;
  e.response_bytes = 89;
  e.user_agent = "attestation-agent-kbs-client/0.1.0";
  e.total = std::chrono::microseconds(1074);
  e.id = RequestId("00ff");
  return e;
}

TEST(AccessLine, has_the_form_of_the_specification_and_the_request_id) {
  EXPECT_EQ(access_line(sample_exchange()),
            "127.0.0.1 \"GET /kbs/v0/resource/a/b/c HTTP/1.1\" 401 89 \"-\" "
            "\"attestation-agent-kbs-client/0.1.0\" 0.001074 00ff");
}

TEST(AccessLine, stays_one_line_whatever_the_client_sends) {
  Exchange e = sample_exchange();
  e.user_agent = "a\"b\\c\nd\x1b[31m\xff";
  EXPECT_EQ(access_line(e),
            "127.0.0.1 \"GET /kbs/v0/resource/a/b/c HTTP/1.1\" 401 89 \"-\" "
            "\"a\\x22b\\x5cc\\x0ad\\x1b[31m\\xff\" 0.001074 00ff");
}

TEST(WithoutQuery, leaves_nothing_of_a_query_but_that_there_was_one) {
  EXPECT_EQ(without_query("/a/b"), "/a/b");
  EXPECT_EQ(without_query("/a?pin=1234"), "/a?...");
  EXPECT_EQ(without_query("/a?b?c"), "/a?...");
  EXPECT_EQ(without_query("/a?"), "/a?...");
  EXPECT_EQ(without_query(""), "");
}

TEST(AccessLine, cuts_texts_that_would_fill_the_log) {
  Exchange e = sample_exchange();
  e.request_line = std::string(300000, 'a');
  EXPECT_LT(access_line(e).size(), 1300u);
}

}  // namespace
}  // namespace trustee::net
