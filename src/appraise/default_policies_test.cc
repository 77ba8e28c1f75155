#include "appraise/default_policies.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "appraise/errors.h"
#include "appraise/testdata.h"
#include "tests/support/case.h"

namespace trustee::appraise {
namespace {

std::string sample_verdict(std::string_view references) {
  return verdict(*shipped("default_cpu"), kSample, references_of(references));
}

TEST(DefaultPolicies, are_the_files_of_the_repository) {
  std::size_t files = 0;
  for (const auto& group : {default_policies(), resource_policies()}) {
    for (const ShippedPolicy& p : group) {
      EXPECT_EQ(p.text, file_text("policies/" + std::string(p.id) + ".rego")) << p.id;
      ++files;
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator("policies")) {
    if (entry.path().extension() == ".rego") --files;
  }
  EXPECT_EQ(files, 0U) << "a file in policies/ does not ship";
}

TEST(DefaultPolicies, sample_without_reference_values) {
  CASE("AS-37");
  const auto a = appraised(*shipped("default_cpu"), kSample);
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(json::write(a->vector.to_json()),
            R"({"instance-identity":0,"configuration":2,"executables":33,"file-system":0,)"
            R"("hardware":97,"runtime-opaque":0,"storage-opaque":0,"sourced-data":0})");
  EXPECT_EQ(a->status, Tier::contraindicated);
}

TEST(DefaultPolicies, sample_with_all_reference_values) {
  CASE("AS-38");
  EXPECT_EQ(sample_verdict(kSampleReferences), "3/2/2 affirming");
}

TEST(DefaultPolicies, sample_with_a_minimum_above) {
  CASE("AS-39");
  EXPECT_EQ(sample_verdict(R"({"svn":["1"],"launch_digest":["abcde"],"major_version":1,)"
                           R"("minimum_minor_version":5})"),
            "3/97/2 contraindicated");
}

TEST(DefaultPolicies, sample_without_the_minimum_is_refused) {
  CASE("AS-40");
  EXPECT_EQ(sample_verdict(R"({"svn":["1"],"launch_digest":["abcde"],"major_version":1})"),
            "3/97/2 contraindicated");
}

TEST(DefaultPolicies, a_single_value_is_no_list) {
  CASE("AS-41");
  CASE("RV-57");
  EXPECT_EQ(sample_verdict(R"({"svn":"1","launch_digest":["abcde"],"major_version":1,)"
                           R"("minimum_minor_version":1})"),
            "3/97/2 contraindicated");
}

TEST(DefaultPolicies, every_accepted_evidence_is_accepted) {
  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/vectors/appraise")) {
    if (entry.path().extension() != ".json") continue;
    const json::Value document = json::parse(file_text(entry.path().string())).value();
    const json::Object& o = *document.as_object();
    const auto policy = shipped(*o.find("policy")->as_string());
    const std::string input = json::write(*o.find("input"));
    EXPECT_EQ(verdict(*policy, input, references_of(json::write(*o.find("references")))),
              *o.find("verdict")->as_string())
        << entry.path();
    EXPECT_EQ(verdict(*policy, input), *o.find("without_references")->as_string()) << entry.path();
    ++cases;
  }
  EXPECT_EQ(cases, 8U);
}

TEST(DefaultPolicies, platforms_without_rules_keep_the_defaults) {
  for (const char* tee : {"sgx", "cca", "csv"}) {
    EXPECT_EQ(verdict(*shipped("default_cpu"), "{\"" + std::string(tee) + "\":{\"a\":1}}"),
              "33/97/36 contraindicated");
  }
  EXPECT_EQ(verdict(*shipped("default_cpu"), R"({"se":{"version":1}})"), "3/2/2 affirming");
  EXPECT_EQ(verdict(*shipped("default_gpu"), R"({"nvidia":{"arch":"HOPPER","uuid":"1"}})"),
            "33/97/36 contraindicated");
  EXPECT_EQ(verdict(*shipped("default_ppcie"), R"({"nvidia":{"gpu_count":8,"switch_count":4}})"),
            "0/0/2 affirming");
}

/// The claims of a corpus case with one member of `/input/<object>` set to another value.
std::string with_claim(const std::string& name, std::string_view object, std::string_view member,
                       json::Value value) {
  json::Value document = json::parse(file_text("tests/vectors/appraise/" + name)).value();
  json::Object* at = document.as_object()->find("input")->as_object();
  at = at->find(object)->as_object();
  at->set(member, std::move(value));
  return json::write(*document.as_object()->find("input"));
}

std::string corpus_verdict(const std::string& name, const std::string& input) {
  const json::Value document = json::parse(file_text("tests/vectors/appraise/" + name)).value();
  const json::Object& o = *document.as_object();
  return verdict(*shipped(*o.find("policy")->as_string()), input,
                 references_of(json::write(*o.find("references"))));
}

TEST(DefaultPolicies, snp_configuration_needs_neither_debugging_nor_migration) {
  EXPECT_EQ(corpus_verdict("snp.json", with_claim("snp.json", "snp", "policy_debug_allowed", true)),
            "3/2/36 warning");
  EXPECT_EQ(corpus_verdict("snp.json", with_claim("snp.json", "snp", "policy_migrate_ma", true)),
            "3/2/36 warning");
  EXPECT_EQ(corpus_verdict("snp.json", with_claim("snp.json", "snp", "policy_abi_minor", 1)),
            "3/2/3 affirming");
}

TEST(DefaultPolicies, tdx_through_a_boot_loader_is_executables_four) {
  EXPECT_EQ(
      corpus_verdict("tdx.json", with_claim("tdx.json", "tdx", "uefi_event_logs", json::Array{})),
      "4/2/2 affirming");
  json::Value document = json::parse(file_text("tests/vectors/appraise/tdx.json")).value();
  (void)document.as_object()->find("input")->as_object()->find("tdx")->as_object()->remove(
      "uefi_event_logs");
  EXPECT_EQ(corpus_verdict("tdx.json", json::write(*document.as_object()->find("input"))),
            "4/2/2 affirming");
}

TEST(DefaultPolicies, tdx_hardware_needs_current_collateral_and_configuration_no_debugging) {
  EXPECT_EQ(corpus_verdict("tdx.json", with_claim("tdx.json", "tdx", "tcb_status", "OutOfDate")),
            "3/97/2 contraindicated");
  EXPECT_EQ(corpus_verdict("tdx.json",
                           with_claim("tdx.json", "tdx", "collateral_expiration_status", "1")),
            "3/97/2 contraindicated");
  EXPECT_EQ(corpus_verdict("tdx.json", with_claim("tdx.json", "tdx", "td_attributes",
                                                  json::Object{{"debug", true}})),
            "3/2/36 warning");
}

TEST(DefaultPolicies, gpu_and_switch_check_each_statement_of_the_vendor) {
  const std::string_view hardware[] = {"attestation-report-cert-chain-fwid-match",
                                       "attestation-report-parsed",
                                       "attestation-report-signature-verified", "arch-check"};
  const std::string_view gpu_executables[] = {"driver-rim-fetched",
                                              "driver-rim-measurements-available",
                                              "driver-rim-schema-validated",
                                              "driver-rim-signature-verified",
                                              "driver-rim-version-match",
                                              "vbios-rim-fetched",
                                              "vbios-rim-measurements-available",
                                              "vbios-rim-schema-validated",
                                              "vbios-rim-signature-verified",
                                              "vbios-rim-version-match"};
  const auto after = [](const std::string& device, std::string_view member, json::Value value) {
    const std::string file = "nvidia-" + device + ".json";
    const std::string name = "x-nvidia-" + device + "-" + std::string(member);
    return corpus_verdict(file, with_claim(file, "nvidia", name, std::move(value)));
  };
  for (const std::string device : {"gpu", "switch"}) {
    for (const std::string_view member : hardware) {
      EXPECT_EQ(after(device, member, false), "3/97/2 contraindicated") << device << member;
    }
    for (const char* bad : {"ocsp-status", "status"}) {
      json::Object chain{{"x-nvidia-cert-ocsp-status", "good"}, {"x-nvidia-cert-status", "valid"}};
      chain.set("x-nvidia-cert-" + std::string(bad), "revoked");
      EXPECT_EQ(after(device, "attestation-report-cert-chain", chain), "3/97/2 contraindicated");
      const std::string rim = device == "gpu" ? "vbios-rim-cert-chain" : "bios-rim-cert-chain";
      EXPECT_EQ(after(device, rim, chain), "33/2/2 warning");
    }
  }
  for (const std::string_view member : gpu_executables) {
    EXPECT_EQ(after("gpu", member, false), "33/2/2 warning") << member;
    if (member.starts_with("vbios")) {
      EXPECT_EQ(after("switch", member.substr(1), false), "33/2/2 warning") << member;
    }
  }
  for (const std::string file : {"nvidia-gpu.json", "nvidia-switch.json"}) {
    EXPECT_EQ(corpus_verdict(file, with_claim(file, "nvidia", "measres", "fail")),
              "33/2/2 warning");
    EXPECT_EQ(corpus_verdict(file, with_claim(file, "nvidia", "secboot", false)), "3/2/36 warning");
    EXPECT_EQ(corpus_verdict(file, with_claim(file, "nvidia", "dbgstat", "enabled")),
              "3/2/36 warning");
  }
}

TEST(DefaultPolicies, the_gpu_policy_has_no_rule_for_the_sample_device) {
  CASE("AS-61");
  EXPECT_EQ(verdict(*shipped("default_gpu"), R"({"sampledevice":{"svn":"2"}})",
                    references_of(R"({"device_svn":["2"]})")),
            "33/97/36 contraindicated");
}

TEST(DefaultPolicies, a_policy_of_ones_own_can_accept_the_sample_device) {
  CASE("AS-62");
  const auto policy = policy_with(
      "default hardware := 97\n"
      "hardware := 2 if input.sampledevice.svn in query_reference_value(\"device_svn\")\n"
      "trust_claims := {\"hardware\": hardware}");
  const std::string_view input = R"({"sampledevice":{"svn":"2"}})";
  EXPECT_EQ(verdict(*policy, input, references_of(R"({"device_svn":["2"]})")), "-/2/- affirming");
  EXPECT_EQ(verdict(*policy, input), "-/97/- contraindicated");
}

std::string identifiers(std::string_view init_data_claims) {
  const auto a = appraised(*shipped("default_cpu"),
                           R"({"init_data_claims":)" + std::string(init_data_claims) + "}");
  if (!a.ok()) return a.error().to_string();
  if (a->extensions.size() != 1) return "not one extension";
  const Extension& e = a->extensions.front();
  return e.name + "/" + std::to_string(e.key) + "=" + json::write(e.value);
}

TEST(DefaultPolicies, identifiers_are_those_of_the_agent_policy) {
  CASE("AS-53");
  EXPECT_EQ(
      identifiers(
          R"({"agent_policy_claims":{"containers":[)"
          R"({"OCI":{"Annotations":{},"Process":{"User":{"UID":65535}}}},)"
          R"({"OCI":{"Annotations":{"io.kubernetes.cri.image-name":"bitnami/nginx:latest"},)"
          R"("Process":{"User":{"UID":1001}}}}]}})"),
      R"(ear.trustee.identifiers/-18={"validated":{"container_images":["bitnami/nginx:latest"],)"
      R"("container_uids":[65535,1001]}})");
}

TEST(DefaultPolicies, identifiers_are_empty_without_policy_data) {
  CASE("AS-54");
  EXPECT_EQ(identifiers(R"({"policy.rego":"package agent_policy"})"),
            R"(ear.trustee.identifiers/-18={"validated":{}})");
  EXPECT_EQ(identifiers("null"), R"(ear.trustee.identifiers/-18={"validated":{}})");
}

/// What a resource policy says of a request for a resource, or of another plugin.
std::string allows(std::string_view id, std::string_view claims,
                   std::string_view plugin = "resource") {
  for (const ShippedPolicy& p : resource_policies()) {
    if (p.id != id) continue;
    const rego::WantedRule rule[] = {{.path = "data.policy.allow"}};
    const auto policy = rego::Policy::compile(p.text, {.rules = rule}).value();
    const std::string data =
        "{\"plugin\":\"" + std::string(plugin) + R"(","resource-path":["a","b","c"],"query":{}})";
    return policy.evaluate({.input = claims, .data = data, .time_limit = std::chrono::seconds(5)})
        .value()
        .rules.at(0)
        .json;
  }
  return "no such policy";
}

TEST(ResourcePolicies, decide_as_their_table_says) {
  const std::string sample = R"({"submods":{"cpu0":{"ear.status":"affirming",)"
                             R"("ear.veraison.annotated-evidence":{"sample":{"svn":"1"}}}}})";
  const std::string snp = R"({"submods":{"cpu0":{"ear.status":"contraindicated",)"
                          R"("ear.veraison.annotated-evidence":{"snp":{}}}}})";
  EXPECT_EQ(allows("resource_default", sample), "false");
  EXPECT_EQ(allows("resource_default", snp), "true");
  EXPECT_EQ(allows("resource_default", "{}"), "true");
  EXPECT_EQ(allows("resource_default", snp, "sample"), "false");
  EXPECT_EQ(allows("resource_allow_all", sample), "true");
  EXPECT_EQ(allows("resource_allow_all", sample, "pkcs11"), "false");
  EXPECT_EQ(allows("resource_deny_all", sample), "false");
  EXPECT_EQ(allows("resource_affirming", sample), "true");
  EXPECT_EQ(allows("resource_affirming", sample, "pkcs11"), "true");
  EXPECT_EQ(allows("resource_affirming", snp), "false");
  EXPECT_EQ(allows("resource_affirming", R"({"submods":{}})"), "false");
  EXPECT_EQ(allows("resource_affirming", "{}"), "false");
  EXPECT_EQ(allows("resource_affirming", R"({"submods":{"cpu0":{"ear.status":"affirming"},)"
                                         R"("gpu0":{"ear.status":"warning"}}})"),
            "false");
  EXPECT_EQ(
      allows("resource_affirming", R"({"submods":{"cpu0":{"ear.status":"affirming"},"gpu0":{}}})"),
      "false");
}

}  // namespace
}  // namespace trustee::appraise
