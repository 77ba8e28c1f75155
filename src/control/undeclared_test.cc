#include "control/undeclared.h"

#include <gtest/gtest.h>

namespace trustee::control {
namespace {

using Paths = std::vector<std::vector<std::string>>;

TEST(UndeclaredFields, are_read_from_the_servers_message) {
  EXPECT_EQ(undeclared_fields("failed to create typed patch object (n/a; g/v1, Kind=K): "
                              ".spec.new: field not declared in schema"),
            (Paths{{"spec", "new"}}));
  EXPECT_EQ(undeclared_fields("failed to create typed patch object (n/a; g/v1, Kind=K): "
                              "errors:\n  .status.conditions: field not declared in schema\n"
                              "  .spec.a.b: field not declared in schema"),
            (Paths{{"status", "conditions"}, {"spec", "a", "b"}}));
  EXPECT_EQ(undeclared_fields("something else"), Paths{});
  EXPECT_EQ(undeclared_fields(": field not declared in schema"), Paths{});
}

TEST(DropField, takes_the_field_out) {
  json::Object body = *json::parse(R"({"spec":{"a":1,"b":{"c":2}}})")->as_object();
  EXPECT_TRUE(drop_field(body, {"spec", "b", "c"}));
  EXPECT_FALSE(drop_field(body, {"spec", "b", "c"}));
  EXPECT_FALSE(drop_field(body, {"spec", "a", "x"}));
  EXPECT_FALSE(drop_field(body, {"nothing"}));
  EXPECT_FALSE(drop_field(body, {}));
  EXPECT_EQ(json::write(body), R"({"spec":{"a":1,"b":{}}})");
}

}  // namespace
}  // namespace trustee::control
