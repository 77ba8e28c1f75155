#include "operator/kbs_spec.h"

#include <gtest/gtest.h>

#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/operator_testdata.h"
#include "tests/support/case.h"

namespace trustee::operators {
namespace {

json::Object generated() {
  return object_of_text(R"({"kbsConfigMapName":"t-kbs-config","KbsDeploymentSpec":{"replicas":1},
      "KbsEnvVars":{"RUST_LOG":"debug"},"kbsSecretResources":["attestation-status","kbsres1"]})");
}

/// A KbsConfig with this spec, generated last from `last`.
json::Object kc(std::string_view spec, const json::Object& last) {
  json::Object object{{"spec", object_of_text(spec)}};
  set_at(object, {"metadata", "annotations", kGeneratedSpecAnnotation},
         merge_kbs_spec(last, nullptr, "").remembered);
  return object;
}

std::string part(const MergedKbsSpec& merged, Path path) {
  const auto* value = value_at(merged.spec, path);
  return value == nullptr ? "none" : json::write_sorted(*value);
}

TEST(KbsSpec, of_a_new_object_is_what_was_generated) {
  CASE("OP-14");
  const auto merged = merge_kbs_spec(generated(), nullptr, "");
  EXPECT_EQ(json::Value(merged.spec), json::Value(generated()));
}

TEST(KbsSpec, keeps_the_replicas_of_a_user_and_resets_names) {
  CASE("OP-41");
  const auto stored = kc(R"({"kbsConfigMapName":"other","KbsDeploymentSpec":{"replicas":3},
      "kbsSecretResources":["attestation-status","kbsres1"]})",
                         generated());
  const auto merged = merge_kbs_spec(generated(), &stored, "");
  EXPECT_EQ(part(merged, {"KbsDeploymentSpec"}), R"({"replicas":3})");
  EXPECT_EQ(part(merged, {"kbsConfigMapName"}), R"("t-kbs-config")");
}

TEST(KbsSpec, keeps_variables_of_a_user) {
  CASE("OP-42");
  const auto added = kc(R"({"KbsEnvVars":{"RUST_LOG":"debug","A":"1"}})", generated());
  EXPECT_EQ(part(merge_kbs_spec(generated(), &added, ""), {"KbsEnvVars"}),
            R"({"A":"1","RUST_LOG":"debug"})");
  const auto overridden = kc(R"({"KbsEnvVars":{"RUST_LOG":"info"}})", generated());
  EXPECT_EQ(part(merge_kbs_spec(generated(), &overridden, ""), {"KbsEnvVars"}),
            R"({"RUST_LOG":"info"})");
}

TEST(KbsSpec, lets_a_user_remove_a_generated_variable_and_takes_its_own_back) {
  const auto removed = kc(R"({"KbsEnvVars":{"A":"1"}})", generated());
  EXPECT_EQ(part(merge_kbs_spec(generated(), &removed, ""), {"KbsEnvVars"}), R"({"A":"1"})");
  auto restricted = generated();
  restricted.remove("KbsEnvVars");
  const auto untouched = kc(R"({"KbsEnvVars":{"RUST_LOG":"debug"}})", generated());
  EXPECT_EQ(part(merge_kbs_spec(restricted, &untouched, ""), {"KbsEnvVars"}), "none");
}

TEST(KbsSpec, does_not_take_an_older_operators_values_for_edits) {
  auto restricted = generated();
  restricted.remove("KbsEnvVars");
  const json::Object upstream{{"spec", object_of_text(R"({"KbsEnvVars":{"RUST_LOG":"debug"},
                                  "KbsDeploymentSpec":{"replicas":1},
                                  "kbsSecretResources":["kbsres1","test"]})")}};
  const auto merged = merge_kbs_spec(restricted, &upstream, "");
  EXPECT_EQ(part(merged, {"KbsEnvVars"}), "none");
  EXPECT_EQ(part(merged, {"kbsSecretResources"}), R"(["kbsres1","test","attestation-status"])");
}

TEST(KbsSpec, keeps_what_a_user_appended_in_its_order) {
  CASE("OP-43");
  const auto appended =
      kc(R"({"kbsSecretResources":["attestation-status","kbsres1","test","a"]})", generated());
  EXPECT_EQ(part(merge_kbs_spec(generated(), &appended, ""), {"kbsSecretResources"}),
            R"(["attestation-status","kbsres1","test","a"])");
  const auto removed = kc(R"({"kbsSecretResources":["test","kbsres1"]})", generated());
  EXPECT_EQ(part(merge_kbs_spec(generated(), &removed, ""), {"kbsSecretResources"}),
            R"(["test","kbsres1"])");
}

TEST(KbsSpec, restores_the_sample_when_everything_was_removed) {
  CASE("OP-44");
  for (const auto* spec : {R"({"kbsSecretResources":[]})", "{}"}) {
    const auto emptied = kc(spec, generated());
    EXPECT_EQ(part(merge_kbs_spec(generated(), &emptied, ""), {"kbsSecretResources"}),
              R"(["attestation-status","kbsres1"])");
  }
}

TEST(KbsSpec, follows_a_new_generation_where_nobody_touched_it) {
  auto next = generated();
  next.set("KbsDeploymentSpec", object_of_text(R"({"replicas":2,"nodeSelector":{"a":"b"}})"));
  next.set("kbsSecretResources", json::Array{"attestation-status", "new"});
  const auto stored = kc(R"({"KbsDeploymentSpec":{"replicas":1,"priorityClassName":"mine"},
      "kbsSecretResources":["kbsres1","test","attestation-status"]})",
                         generated());
  const auto merged = merge_kbs_spec(next, &stored, "");
  EXPECT_EQ(part(merged, {"KbsDeploymentSpec"}),
            R"({"nodeSelector":{"a":"b"},"priorityClassName":"mine","replicas":2})");
  EXPECT_EQ(part(merged, {"kbsSecretResources"}), R"(["test","attestation-status","new"])");
}

TEST(KbsSpec, keeps_a_users_cache_and_claim_but_not_the_generated_claim) {
  const auto stored = kc(R"({"kbsLocalCertCacheSpec":{"secrets":[{"secretName":"v"}]},
                             "ibmSEConfigSpec":{"certStorePvc":"mine"}})",
                         generated());
  const auto merged = merge_kbs_spec(generated(), &stored, "auto");
  EXPECT_EQ(part(merged, {"kbsLocalCertCacheSpec"}), R"({"secrets":[{"secretName":"v"}]})");
  EXPECT_EQ(part(merged, {"ibmSEConfigSpec", "certStorePvc"}), R"("mine")");
  const auto automatic = kc(R"({"ibmSEConfigSpec":{"certStorePvc":"auto"}})", generated());
  EXPECT_EQ(part(merge_kbs_spec(generated(), &automatic, "auto"), {"ibmSEConfigSpec"}), "none");
}

}  // namespace
}  // namespace trustee::operators
