#include "control/reader_check.h"

#include <gtest/gtest.h>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

class Readers : public ::testing::Test {
 protected:
  std::string check(std::string_view authorization) {
    const auto got = check_reader(client_, authorization);
    if (!got.ok()) return std::string(got.error().code().name());
    constexpr const char* kNames[] = {"unknown", "refused", "allowed"};
    return kNames[static_cast<int>(*got)];
  }
  ScriptedTransport wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}};
};

constexpr const char* kKnown =
    R"({"status":{"authenticated":true,"user":{"username":"u","uid":"1","groups":["g"],)"
    R"("extra":{"e":["x"]}}}})";

// Shapes: authentication.k8s.io/v1 TokenReview, authorization.k8s.io/v1 SubjectAccessReview.
TEST_F(Readers, whom_the_api_server_knows_and_allows_may_read) {
  wire_.will(201, kKnown);
  wire_.will(201, R"({"status":{"allowed":true}})");
  EXPECT_EQ(check("Bearer tok"), "allowed");
  EXPECT_EQ(wire_.lines(),
            (std::vector<std::string>{"POST /apis/authentication.k8s.io/v1/tokenreviews",
                                      "POST /apis/authorization.k8s.io/v1/subjectaccessreviews"}));
  EXPECT_EQ(wire_.seen()[0].body,
            R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview",)"
            R"("spec":{"token":"tok"}})");
  EXPECT_EQ(wire_.seen()[1].body,
            R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview",)"
            R"("spec":{"nonResourceAttributes":{"path":"/metrics","verb":"get"},"user":"u",)"
            R"("uid":"1","groups":["g"],"extra":{"e":["x"]}}})");
}

TEST_F(Readers, whom_it_does_not_allow_is_refused) {
  wire_.will(201, kKnown);
  wire_.will(201, R"({"status":{"allowed":false}})");
  EXPECT_EQ(check("Bearer tok"), "refused");
  wire_.will(201, kKnown);
  wire_.will(201, R"({"status":{}})");
  EXPECT_EQ(check("Bearer tok"), "refused");
}

TEST_F(Readers, whom_it_does_not_know_is_unknown) {
  for (const char* body : {R"({"status":{"authenticated":false}})", R"({"status":{}})", "{}",
                           R"({"status":{"authenticated":"true"}})"}) {
    wire_.will(201, body);
    EXPECT_EQ(check("Bearer tok"), "unknown") << body;
  }
  const std::size_t asked = wire_.seen().size();
  EXPECT_EQ(check("Basic dTpw"), "unknown");
  EXPECT_EQ(check("Bearer "), "unknown");
  EXPECT_EQ(check(""), "unknown");
  EXPECT_EQ(wire_.seen().size(), asked);
}

TEST_F(Readers, an_api_server_that_cannot_be_asked_lets_nobody_in) {
  wire_.will(403, "{}");
  EXPECT_EQ(check("Bearer tok"), "forbidden");
  wire_.will(201, kKnown);
  wire_.will(500, "{}");
  EXPECT_EQ(check("Bearer tok"), "unavailable");
}

}  // namespace
}  // namespace trustee::control
