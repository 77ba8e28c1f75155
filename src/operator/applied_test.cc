#include "operator/applied.h"

#include <gtest/gtest.h>

#include "operator/object_tree.h"
#include "operator/operator_testdata.h"

namespace trustee::operators {
namespace {

json::Object stamped(std::string_view text) {
  auto body = object_of_text(text);
  stamp_intent(body);
  return body;
}

constexpr std::string_view kBody = R"({"metadata":{"name":"d"},"spec":{"replicas":1,
    "containers":[{"name":"kbs","image":"i","env":[{"name":"A","value":"1"}],
                   "volumeMounts":[{"name":"v","mountPath":"/a"},{"name":"v","mountPath":"/b"}]}],
    "command":["x","y"]}})";

/// What the API server makes of it: defaults, a foreign container, other orders.
json::Object defaulted() {
  auto stored = object_of_text(R"({"metadata":{"name":"d","uid":"u","annotations":{"mine":"1"}},
    "spec":{"replicas":1,"minReadySeconds":0,"command":["x","y"],
      "containers":[{"name":"side","image":"s"},
        {"name":"kbs","image":"i","imagePullPolicy":"Always","env":[{"name":"A","value":"1"}],
         "volumeMounts":[{"name":"v","mountPath":"/b"},{"name":"v","mountPath":"/a","readOnly":true}]}]},
    "status":{"readyReplicas":1}})");
  set_at(stored, {"metadata", "annotations", kIntentAnnotation},
         annotation_of(stamped(kBody), kIntentAnnotation));
  return stored;
}

TEST(Applied, is_what_the_server_defaulted_and_others_extended) {
  EXPECT_TRUE(already_applied(stamped(kBody), defaulted()));
}

TEST(Applied, is_not_what_was_changed_or_taken_away) {
  const auto body = stamped(kBody);
  auto stored = defaulted();
  set_at(stored, {"spec", "replicas"}, 2);
  EXPECT_FALSE(already_applied(body, stored));
  stored = defaulted();
  set_at(stored, {"spec", "command"}, json::Array{"x"});
  EXPECT_FALSE(already_applied(body, stored));
  stored = defaulted();
  auto& containers = *stored.find("spec")->as_object()->find("containers")->as_array();
  containers[1].as_object()->find("volumeMounts")->as_array()->pop_back();
  EXPECT_FALSE(already_applied(body, stored));
}

TEST(Applied, is_not_a_body_from_which_a_field_was_dropped_since) {
  const auto fewer = stamped(R"({"metadata":{"name":"d"},"spec":{"replicas":1}})");
  EXPECT_FALSE(already_applied(fewer, defaulted()));
}

TEST(Applied, does_not_depend_on_the_order_of_members) {
  EXPECT_EQ(annotation_of(stamped(R"({"a":1,"b":{"c":2,"d":3}})"), kIntentAnnotation),
            annotation_of(stamped(R"({"b":{"d":3,"c":2},"a":1})"), kIntentAnnotation));
}

}  // namespace
}  // namespace trustee::operators
