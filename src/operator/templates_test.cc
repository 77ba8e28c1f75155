#include "operator/templates.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "appraise/testdata.h"
#include "authz/resource_policy.h"
#include "codec/json.h"
#include "rego/policy.h"
#include "tests/support/case.h"

// Expected verdicts: operator specification, section 3.5.

namespace trustee::operators {
namespace {

using appraise::References;
using appraise::references_of;
using appraise::verdict;

const appraise::Policy& cpu() {
  static const auto policy =
      appraise::Policy::compile("default_cpu", policy_templates().attestation_cpu);
  return **policy;
}

/// A claim changed: the JSON pointer's value in `object` replaced.
std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

bool allows(std::string_view policy, std::string_view input, std::string_view plugin) {
  const auto compiled = authz::ResourcePolicy::compile(policy);
  EXPECT_TRUE(compiled.ok()) << compiled.error().to_string();
  const auto data = authz::policy_data({std::string(plugin), {"default", "s", "k"}, {}});
  const auto evaluation = compiled->policy().evaluate(
      {.input = input, .data = data, .time_limit = std::chrono::seconds(20)});
  EXPECT_TRUE(evaluation.ok()) << evaluation.error().to_string();
  return evaluation->rules.at(0).json == "true";
}

TEST(ResourceTemplates, permissive_looks_at_the_plugin_only) {
  const auto policy = policy_templates().resource_permissive;
  EXPECT_TRUE(allows(policy, "{}", "resource"));
  EXPECT_FALSE(allows(policy, "{}", "sample"));
}

TEST(ResourceTemplates, restrictive_wants_every_submodule_affirming) {
  const auto policy = policy_templates().resource_restrictive;
  EXPECT_TRUE(allows(policy, R"({"submods":{"cpu0":{"ear.status":"affirming"}}})", "resource"));
  for (const auto* input :
       {"{}", R"({"submods":{}})", R"({"submods":{"cpu0":{}}})",
        R"({"submods":{"cpu0":{"ear.status":"warning"}}})",
        R"({"submods":{"cpu0":{"ear.status":"affirming"},"gpu0":{"ear.status":"none"}}})"}) {
    EXPECT_FALSE(allows(policy, input, "resource")) << input;
  }
}

TEST(ResourceTemplates, ibm_releases_to_one_image_once_it_is_edited) {
  CASE("OP-50");
  const std::string input =
      R"({"submods":{"cpu0":{"ear.veraison.annotated-evidence":{"se":{"attestation_phkh":"a",)"
      R"("image_phkh":"b","tag":"c","version":256}}}}})";
  std::string policy(policy_templates().resource_ibm);
  EXPECT_FALSE(allows(policy, input, "resource"));
  policy = with(policy, "\"<se.attestation_phkh>\"", "\"a\"");
  policy = with(policy, "\"<se.image_phkh>\"", "\"b\"");
  policy = with(policy, "\"<se.tag>\"", "\"c\"");
  EXPECT_TRUE(allows(policy, input, "resource"));
  EXPECT_FALSE(allows(policy, input, "sample"));
  EXPECT_FALSE(allows(policy, with(input, "256", "257"), "resource"));
  EXPECT_FALSE(allows(policy, with(input, "\"tag\":\"c\"", "\"tag\":\"d\""), "resource"));
}

TEST(ResourceTemplates, nothing_releases_nothing) {
  EXPECT_FALSE(allows(policy_templates().resource_nothing,
                      R"({"submods":{"cpu0":{"ear.status":"affirming"}}})", "resource"));
}

TEST(CpuTemplate, recognises_nothing_without_claims) {
  EXPECT_EQ(verdict(cpu(), "{}"), "33/97/36 contraindicated");
}

TEST(CpuTemplate, appraises_the_sample) {
  const auto references = references_of(appraise::kSampleReferences);
  const std::string input(appraise::kSample);
  EXPECT_EQ(verdict(cpu(), input, references), "3/2/2 affirming");
  EXPECT_EQ(verdict(cpu(), input), "33/97/2 contraindicated");
  EXPECT_EQ(verdict(cpu(), with(input, "\"minor\":4", "\"minor\":0"), references),
            "3/97/2 contraindicated");
  EXPECT_EQ(verdict(cpu(), with(input, "\"debug\":false", "\"debug\":true"), references),
            "3/2/36 warning");
}

TEST(CpuTemplate, wants_all_five_registers_of_an_azure_machine) {
  for (const auto& [tee, prefix] :
       {std::pair("az-snp-vtpm", "snp"), std::pair("az-tdx-vtpm", "tdx")}) {
    std::string claims = R"({")" + std::string(tee) + R"(":{"tpm":{)";
    std::string references = "{";
    for (const auto* n : {"03", "08", "09", "11", "12"}) {
      claims += "\"pcr" + std::string(n) + "\":\"" + n + n + "\",";
      references += "\"" + std::string(prefix) + "_pcr" + n + "\":[\"" + n + n + "\"],";
    }
    claims += R"("pcr00":"0"},"quote":{"header":{"tee_type":"81000000",)"
              R"("vendor_id":"939a7233f79c4ca9940a0db3957f0607"}},"tcb_status":"UpToDate"}})";
    references += "\"x\":1}";
    const auto known = references_of(references);
    EXPECT_EQ(verdict(cpu(), claims, known), "3/2/2 affirming") << tee;
    for (const auto* n : {"03", "08", "09", "11", "12"}) {
      const std::string value = "\"pcr" + std::string(n) + "\":\"" + n;
      EXPECT_EQ(verdict(cpu(), with(claims, value, value + "x"), known), "33/2/2 warning")
          << tee << n;
    }
    const auto outdated = verdict(cpu(), with(claims, "UpToDate", "OutOfDate"), known);
    EXPECT_EQ(outdated,
              prefix == std::string("tdx") ? "3/97/2 contraindicated" : "3/2/2 affirming");
  }
}

TEST(CpuTemplate, names_every_reference_value_so_that_it_can_be_fetched_ahead) {
  const auto names = cpu().engine().reference_names();
  for (const std::string name :
       {"snp_pcr03", "snp_pcr12", "tdx_pcr08", "tdx_pcr11", "launch_digest", "mr_td", "xfam",
        "snp_launch_measurement", "tdvfkernelparams", "tpm_pcr11"}) {
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  }
}

TEST(CpuTemplate, takes_ibm_secure_execution_as_verified) {
  EXPECT_EQ(verdict(cpu(), R"({"se":{"tag":"t"}})"), "3/2/2 affirming");
}

TEST(CpuTemplate, tells_a_tpm_by_one_register) {
  const auto references = references_of(R"({"tpm_pcr11":["aa"]})");
  EXPECT_EQ(verdict(cpu(), R"({"tpm":{"pcr11":"aa"}})", references), "3/2/0 affirming");
  EXPECT_EQ(verdict(cpu(), R"({"tpm":{"pcr11":"bb"}})", references), "33/2/0 warning");
}

TEST(GpuTemplate, wants_every_check_of_nvidia) {
  const auto policy =
      appraise::Policy::compile("default_gpu", policy_templates().attestation_gpu).value();
  const std::string chain =
      R"({"x-nvidia-cert-ocsp-status":"good","x-nvidia-cert-status":"valid"})";
  const std::string input =
      R"({"nvidia":{"x-nvidia-gpu-attestation-report-cert-chain":)" + chain +
      R"(,"x-nvidia-gpu-attestation-report-cert-chain-fwid-match":true,)"
      R"("x-nvidia-gpu-attestation-report-parsed":true,)"
      R"("x-nvidia-gpu-attestation-report-signature-verified":true,)"
      R"("x-nvidia-gpu-arch-check":true,"secboot":true,"dbgstat":"disabled",)"
      R"("x-nvidia-gpu-vbios-version":"1","x-nvidia-gpu-driver-version":"2"}})";
  const auto references =
      references_of(R"({"allowed_vbios_versions":["1"],"allowed_driver_versions":["2"]})");
  EXPECT_EQ(verdict(*policy, input, references), "33/2/2 warning");
  EXPECT_EQ(verdict(*policy, input), "33/2/3 warning");
  for (const std::string check : {"match", "parsed", "verified", "arch-check"}) {
    for (const std::string no : {"false", "\"true\"", "1", "null"}) {
      const auto changed = with(input, check + "\":true", check + "\":" + no);
      EXPECT_EQ(verdict(*policy, changed, references), "33/97/2 contraindicated") << check << no;
    }
  }
  EXPECT_EQ(verdict(*policy, with(input, "secboot\":true", "secboot\":\"false\""), references),
            "33/2/36 warning");
  EXPECT_EQ(verdict(*policy, with(input, "disabled", "enabled"), references), "33/2/36 warning");
}

TEST(NothingTemplate, affirms_nothing) {
  const auto policy =
      appraise::Policy::compile("default_cpu", policy_templates().attestation_nothing).value();
  EXPECT_EQ(verdict(*policy, appraise::kSample), "33/97/36 contraindicated");
}

}  // namespace
}  // namespace trustee::operators
