#include "operator/bodies.h"

#include <gtest/gtest.h>

#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/workload.h"

namespace trustee::operators {
namespace {

// sha256sum of 64 times `n`, its first 16 digits.
const std::string kCut = std::string(46, 'n') + "-ce068a195ab380a8";

TEST(LabelValue, is_the_name_up_to_63_characters) {
  EXPECT_EQ(label_value("t"), "t");
  EXPECT_EQ(label_value(std::string(63, 'n')), std::string(63, 'n'));
}

TEST(LabelValue, of_a_longer_name_is_63_characters_that_tell_it_apart) {
  EXPECT_EQ(label_value(std::string(64, 'n')), kCut);
  EXPECT_EQ(kCut.size(), 63U);
  EXPECT_NE(label_value(std::string(65, 'n')), kCut);
}

TEST(LabelValue, is_the_same_on_pods_and_on_secrets) {
  const std::string name(64, 'n');
  const json::Object kc{{"metadata", json::Object{{"name", name}}}};
  EXPECT_EQ(text_at(pod_labels(kc), {"app.kubernetes.io/instance"}), kCut);
  EXPECT_EQ(text_at(standard_labels(name, "session"), {"app.kubernetes.io/instance"}), kCut);
}

json::Object named(const std::string& name, const std::string& uid) {
  return {{"metadata", json::Object{{"name", name}, {"namespace", "n"}, {"uid", uid}}}};
}

/// uid of the owner that a body gets where `stored` exists; empty for none.
std::string owner_beside(const json::Object* stored) {
  json::Object body;
  own(body, named("t", "now"), kTrusteeConfig, stored);
  const auto* controller = controller_of(body);
  return controller == nullptr ? std::string() : text_at(*controller, {"uid"});
}

TEST(Own, adopts_nothing_of_others) {
  EXPECT_EQ(owner_beside(nullptr), "now");
  auto stored = named("m", "m-1");
  EXPECT_EQ(owner_beside(&stored), "");
  own(stored, named("another", "a-1"), kTrusteeConfig, nullptr);
  EXPECT_EQ(owner_beside(&stored), "");
  own(stored, named("t", "kc-1"), kKbsConfig, nullptr);
  EXPECT_EQ(owner_beside(&stored), "");
}

TEST(Own, takes_over_what_was_of_a_deleted_object_of_the_same_name) {
  auto stored = named("m", "m-1");
  own(stored, named("t", "before"), kTrusteeConfig, nullptr);
  EXPECT_EQ(owner_beside(&stored), "now");
}

}  // namespace
}  // namespace trustee::operators
