#include "control/reach.h"

#include <gtest/gtest.h>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

class Reach : public ::testing::Test {
 protected:
  std::string asked() {
    const auto got = may_list_everywhere(client_);
    if (!got.ok()) return std::string(got.error().code().name());
    return *got ? "everywhere" : "one namespace";
  }
  ScriptedTransport wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}, {}, {.attempts = 1}};
};

TEST_F(Reach, is_everywhere_when_both_kinds_may_be_listed) {
  wire_.will(200, "{}");
  wire_.will(200, "{}");
  EXPECT_EQ(asked(), "everywhere");
  EXPECT_EQ(wire_.lines(),
            (std::vector<std::string>{
                "GET /apis/confidentialcontainers.org/v1alpha1/trusteeconfigs?limit=1",
                "GET /apis/confidentialcontainers.org/v1alpha1/kbsconfigs?limit=1"}));
}

TEST_F(Reach, is_one_namespace_when_either_is_refused) {
  wire_.will(403, "{}");
  EXPECT_EQ(asked(), "one namespace");
  wire_.will(200, "{}");
  wire_.will(403, "{}");
  EXPECT_EQ(asked(), "one namespace");
}

TEST_F(Reach, a_kind_that_is_not_installed_yet_is_no_refusal) {
  wire_.will(404, "{}");
  wire_.will(200, "{}");
  EXPECT_EQ(asked(), "everywhere");
}

TEST_F(Reach, is_not_known_while_the_api_server_cannot_say) {
  wire_.will(503, "{}");
  EXPECT_EQ(asked(), "unavailable");
  wire_.will(200, "{}");
  wire_.will(401, "{}");
  EXPECT_EQ(asked(), "unauthorised");
}

}  // namespace
}  // namespace trustee::control
