#include "k8s/managed_fields.h"

#include <gtest/gtest.h>

namespace trustee::k8s {
namespace {

constexpr std::string_view kFormer[] = {"manager"};

std::string patch_for(const std::string& entries) {
  const auto object =
      json::parse(R"({"metadata":{"resourceVersion":"9","managedFields":)" + entries + "}}");
  const auto patch = adoption_patch(*object->as_object(), kFormer, "own");
  return patch.has_value() ? json::write(*patch) : "nothing";
}
std::string expected(const std::string& entries) {
  return R"([{"op":"test","path":"/metadata/resourceVersion","value":"9"},)"
         R"({"op":"replace","path":"/metadata/managedFields","value":)" +
         entries + "}]";
}

TEST(AdoptionPatch, gives_the_former_managers_fields_to_ours) {
  EXPECT_EQ(patch_for(R"([{"manager":"kubectl","operation":"Update","apiVersion":"v1"},)"
                      R"({"manager":"manager","operation":"Update","apiVersion":"v1","time":"t",)"
                      R"("fieldsType":"FieldsV1","fieldsV1":{"f:spec":{}}}])"),
            expected(R"([{"manager":"kubectl","operation":"Update","apiVersion":"v1"},)"
                     R"({"manager":"own","operation":"Apply","apiVersion":"v1","time":"t",)"
                     R"("fieldsType":"FieldsV1","fieldsV1":{"f:spec":{}}}])"));
}

TEST(AdoptionPatch, unites_them_with_what_we_already_apply) {
  EXPECT_EQ(patch_for(R"([{"manager":"own","operation":"Apply","apiVersion":"v1",)"
                      R"("fieldsV1":{"f:a":{"f:x":{}},"f:b":{}}},)"
                      R"({"manager":"manager","operation":"Update","apiVersion":"v1",)"
                      R"("fieldsV1":{"f:a":{"f:y":{}},"f:c":{}}}])"),
            expected(R"([{"manager":"own","operation":"Apply","apiVersion":"v1",)"
                     R"("fieldsV1":{"f:a":{"f:x":{},"f:y":{}},"f:b":{},"f:c":{}}}])"));
}

TEST(AdoptionPatch, leaves_status_other_managers_and_other_operations_alone) {
  EXPECT_EQ(patch_for(R"([{"manager":"manager","operation":"Update","subresource":"status"},)"
                      R"({"manager":"manager","operation":"Apply"},)"
                      R"({"manager":"helm","operation":"Update"}])"),
            "nothing");
  EXPECT_EQ(patch_for("[]"), "nothing");
  const json::Object bare;
  EXPECT_FALSE(adoption_patch(bare, kFormer, "own").has_value());
}

}  // namespace
}  // namespace trustee::k8s
