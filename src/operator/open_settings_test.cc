#include "operator/internal/open_settings.h"

#include <gtest/gtest.h>

#include "operator/templates.h"

namespace trustee::operators::internal {
namespace {

bool is_told(const std::string& policy) {
  return open_resource_policy({{"metadata", json::Object{{"name", "p"}}},
                               {"data", json::Object{{"resource-policy.rego", policy}}}})
      .has_value();
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(OpenSettings, tell_every_policy_that_is_not_a_shipped_one) {
  EXPECT_FALSE(is_told(std::string(policy_templates().resource_restrictive)));
  EXPECT_TRUE(is_told(std::string(policy_templates().resource_restrictive) + "allow := true\n"));
  EXPECT_TRUE(is_told(std::string(policy_templates().resource_permissive)));
  EXPECT_TRUE(is_told(""));
}

TEST(OpenSettings, take_the_policy_of_ibm_with_any_values_but_nothing_else) {
  const std::string shipped(policy_templates().resource_ibm);
  EXPECT_FALSE(is_told(shipped));
  const auto filled = with(with(shipped, "<se.tag>", "a1"), "<se.image_phkh>", "");
  EXPECT_FALSE(is_told(filled));
  EXPECT_TRUE(is_told(with(filled, "256", "257")));
  EXPECT_TRUE(is_told(filled + "allow := true\n"));
  EXPECT_TRUE(is_told(with(shipped, "\"<se.tag>\"", "\"a\"\n}\nallow if {\n\"b\" == \"b\"")));
  EXPECT_TRUE(is_told(with(shipped, "<se.tag>", "\\")));
}

}  // namespace
}  // namespace trustee::operators::internal
