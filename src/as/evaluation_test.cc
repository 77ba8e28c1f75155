#include "as/evaluation.h"

#include <set>

#include "appraise/errors.h"
#include "as/as_fixture.h"
#include "as/errors.h"
#include "codec/base64.h"
#include "sample/errors.h"
#include "tee/errors.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"

namespace trustee::as {
namespace {

constexpr std::string_view kEvidenceAt = "/submods/cpu0/ear.veraison.annotated-evidence/";

TEST_F(As, an_empty_list_is_refused) {
  EXPECT_EQ(text(attest({})), "\n0: No verification requests provided.");
  EXPECT_EQ(record_.verdict, decision::Verdict::refused);
}

TEST_F(As, the_class_is_appended_to_the_policy_id) {
  CASE("AS-25");
  store_policy("some-id", "package policy\ntrust_claims := {\"hardware\": 2}");
  EXPECT_EQ(text(attest({sample()}, {"some-id"})), "\n0: Policy `some-id_cpu.rego` not found");
}

TEST_F(As, a_stored_policy_without_trust_claims_says_nothing) {
  CASE("AS-26");
  EXPECT_TRUE(set_policy(*policies_, "x_cpu", "package policy\n\ndefault allow = true\n")
                  .error()
                  .is(appraise::Errc::policy_lacks_rule));
  store_policy("x_cpu", "package policy\n\ndefault allow = true\n");  // by an older release
  const auto token = attest({sample()}, {"x"});
  EXPECT_EQ(text(token, "/submods/cpu0/ear.status"), "none");
  EXPECT_EQ(text(token, "/submods/cpu0/ear.trustworthiness-vector"),
            R"({"instance-identity":0,"configuration":0,"executables":0,"file-system":0,)"
            R"("hardware":0,"runtime-opaque":0,"storage-opaque":0,"sourced-data":0})");
  EXPECT_EQ(text(token, "/submods/cpu0/ear.appraisal-policy-id"), "x");
  EXPECT_EQ(token.at_pointer("/submods/cpu0")->as_object()->size(), 4U) << "no extensions";
}

TEST_F(As, the_default_token_is_issued_and_verifies) {
  CASE("AS-42");
  store_policy("ear_no_rv_policy_cpu",
               "package policy\ntrust_claims := {\"executables\": 3, \"hardware\": 2} if "
               "input.sample.svn == \"1\"");
  const auto token = attest({sample()}, {"ear_no_rv_policy"});
  EXPECT_EQ(text(token, "/submods/cpu0/ear.status"), "affirming");
  EXPECT_EQ(text(token, "/exp"), "1790000300");
  EXPECT_EQ(record_.verdict, decision::Verdict::issued);
  EXPECT_EQ(record_.generation, 7U);
}

TEST_F(As, raw_runtime_data_is_compared_as_it_is) {
  CASE("AS-46");
  const auto token = attest({sample("YWFhYWE=", RawBytes{to_vec(as_bytes("aaaaa"))})});
  EXPECT_EQ(text(token, std::string(kEvidenceAt) + "report_data"), "YWFhYWE=");
  EXPECT_EQ(text(token, std::string(kEvidenceAt) + "runtime_data_claims"), "null");
}

TEST_F(As, other_report_data_is_refused) {
  CASE("AS-47");
  EXPECT_EQ(text(attest({sample("YWFhYWI=", RawBytes{to_vec(as_bytes("aaaaa"))})})),
            "\n0: Verifier evaluate failed: REPORT_DATA is different from that in Sample Quote");
  EXPECT_FALSE(record_.evidence.at(0).verified);
  EXPECT_TRUE(record_.findings.contains(sample::Errc::report_data_mismatch));
}

TEST_F(As, structured_runtime_data_is_hashed) {
  CASE("AS-48");
  const auto token =
      attest({sample("5xzo5w2BS6ZjnDYS6+4P8fdvZQ+Nu15HFX4PP1Jc0ixFl0gKGGQnyBPKlB2niHDD",
                     Structured{json::parse(R"({"b":1,"a":"test","c":{"d":"e"}})").value()})});
  EXPECT_EQ(text(token, std::string(kEvidenceAt) + "runtime_data_claims"),
            R"({"a":"test","b":1,"c":{"d":"e"}})");
}

TEST_F(As, init_data_is_told_with_its_hash) {
  CASE("AS-49");
  const auto token = attest({sample(
      "", Absent{}, Toml{"version = \"0.1.0\"\nalgorithm = \"sha256\"\n[data]\n\"a\" = \"b\"\n"})});
  // printf of the text | openssl dgst -sha256 -binary | base64
  EXPECT_EQ(text(token, std::string(kEvidenceAt) + "init_data"),
            "rb3TnGJBVbz2teJU8p7MsPoBL5eia3NPls107KyItW4=");
  EXPECT_EQ(text(token, std::string(kEvidenceAt) + "init_data_claims"), R"({"a":"b"})");
}

TEST_F(As, the_token_names_the_containers_of_the_agent_policy) {
  CASE("AS-53");
  const auto token =
      attest({sample("", Absent{}, Toml{file_text("src/as/testdata/initdata-nginx.toml")})});
  EXPECT_EQ(text(token, "/submods/cpu0/ear.trustee.identifiers"),
            R"({"validated":{"container_images":["bitnami/nginx:latest"],)"
            R"("container_uids":[65535,1001]}})");
}

TEST_F(As, malformed_init_data_is_refused) {
  CASE("AS-55");
  CASE("AS-56");
  for (const char* toml : {"version = \"1\"\nalgorithm = \"sha-256\"\n[data]\n",
                           "version = \"1\"\nalgorithm = \"sha256\"\n[data]\na = 1\n"}) {
    EXPECT_EQ(text(attest({sample("", Absent{}, Toml{toml})})),
              "\n0: parse init data\n1: parse TOML structured data");
  }
}

TEST_F(As, devices_are_named_by_class_in_their_order) {
  CASE("AS-60");
  const auto token = attest({sample(), sample_device(), sample()});
  std::string names;
  for (const json::Member& m : *token.at_pointer("/submods")->as_object()) {
    names += m.name + " ";
  }
  EXPECT_EQ(names, "cpu0 cpu1 gpu0 ");
}

TEST_F(As, the_sample_device_is_not_accepted_by_the_default_policy) {
  CASE("AS-61");
  const rego::NamedJson reference[] = {{"device_svn", R"(["2"])"}};
  environment_.references = rego::ReferenceSet::create(reference).value();
  const auto token = attest({sample_device("2")});
  EXPECT_EQ(text(token, "/submods/gpu0/ear.status"), "contraindicated");
  EXPECT_EQ(text(token, "/submods/gpu0/ear.trustworthiness-vector/hardware"), "97");
}

TEST_F(As, the_sample_device_passes_a_policy_of_ones_own) {
  CASE("AS-62");
  const rego::NamedJson reference[] = {{"device_svn", R"(["2"])"}};
  environment_.references = rego::ReferenceSet::create(reference).value();
  store_policy("default_gpu",
               "package policy\ndefault hardware := 97\nhardware := 2 if input.sampledevice.svn in "
               "query_reference_value(\"device_svn\")\ntrust_claims := {\"hardware\": hardware}");
  EXPECT_EQ(text(attest({sample_device("2")}), "/submods/gpu0/ear.trustworthiness-vector/hardware"),
            "2");
}

TEST_F(As, a_tee_without_verifier_is_refused_by_name) {
  const auto said = text(attest({{rcar::Tee::hygon_dcu, "{}", Absent{}, Absent{}}}));
  EXPECT_EQ(said,
            "\n0: Verifier evaluate failed: feature `hygondcu-verifier` is not enabled for "
            "`verifier` crate.");
}

TEST_F(As, of_several_policies_the_first_counts) {
  CASE("AS-64");
  const auto token = attest({sample()}, {"default", "other"});
  EXPECT_EQ(text(token, "/submods/cpu0/ear.appraisal-policy-id"), "default");
  EXPECT_EQ(warnings_, std::vector<std::string>{
                           "EAR token only accepts the first policy. The rest will be ignored."});
}

TEST_F(As, a_repeated_extension_key_is_told) {
  CASE("AS-65");
  store_policy("p_cpu",
               "package policy\ntrust_claims := {\"hardware\": 2}\nextensions := "
               "[{\"name\":\"a\",\"key\":1,\"value\":1},{\"name\":\"b\",\"key\":1,\"value\":1}]");
  EXPECT_EQ(text(attest({sample()}, {"p"})), "\n0: extension error: key 1 already registered");
}

TEST_F(As, brief_tokens_lack_the_additional_evidence) {
  CASE("AS-59");
  environment_.verbosity = appraise::Verbosity::brief;
  const json::Value runtime = json::Object{{"additional-evidence", ""}, {"nonce", "n"}};
  const auto digest = bind_runtime_data(Structured{runtime}, crypto::Hash::sha384).value();
  const auto token = attest({sample(codec::base64_encode(*digest.expected), Structured{runtime})});
  EXPECT_EQ(text(token, std::string(kEvidenceAt) + "runtime_data_claims"), R"({"nonce":"n"})");
  store_policy("p_cpu",
               "package policy\ntrust_claims := {\"hardware\": count(input.runtime_data_claims)}");
  EXPECT_EQ(
      text(attest({sample(codec::base64_encode(*digest.expected), Structured{runtime})}, {"p"}),
           "/submods/cpu0/ear.trustworthiness-vector/hardware"),
      "1")
      << "the policy does not see it either";
  environment_.verbosity = appraise::Verbosity::full;
  EXPECT_EQ(
      text(attest({sample(codec::base64_encode(*digest.expected), Structured{runtime})}, {"p"}),
           "/submods/cpu0/ear.trustworthiness-vector/hardware"),
      "2");
}

TEST_F(As, evidence_travels_as_base64url_of_json) {
  CASE("AS-12");
  EXPECT_EQ(decode_evidence("eyJzdm4iOiIxIn0").value(), R"({"svn":"1"})");
  EXPECT_TRUE(decode_evidence("eyJzdm4iOiIxIn0=").error().is(Errc::evidence_not_base64));
  const auto not_json = decode_evidence(codec::base64url_encode(as_bytes("not json")));
  ASSERT_FALSE(not_json.ok());
  EXPECT_TRUE(not_json.error().is(Errc::evidence_not_json));
  const std::string said = wire_causes(not_json.error()).back();
  EXPECT_TRUE(said.starts_with("failed to parse tee evidence: ")) << said;
  EXPECT_NE(said.find("offset 1"), std::string::npos) << said;
}

TEST_F(As, reference_values_that_live_elsewhere_are_asked_for_in_rounds) {
  environment_.unknown_reference = rego::UnknownReference::is_needed;
  auto e = evaluation({sample()});
  std::size_t rounds = 0;
  std::set<std::string> asked;
  while (true) {
    auto step = e.next();
    ASSERT_TRUE(step.ok()) << step.error().to_string();
    if (std::holds_alternative<Issued>(*step)) break;
    ++rounds;
    for (const std::string& name : std::get<appraise::ReferenceNeeds>(*step).names) {
      EXPECT_TRUE(asked.insert(name).second) << name << " was asked for again";
      if (name == "launch_digest") {
        e.answer(name, R"(["abcde"])");
      } else {
        e.answer(name, std::nullopt);
      }
    }
  }
  EXPECT_LE(rounds, kMaxRounds);
  EXPECT_TRUE(asked.contains("launch_digest"));
  const decision::Record& record = e.record();
  const auto& appraisal = record.devices.at(0).appraisal;
  EXPECT_EQ(appraisal.vector.get(appraise::TrustClaim::executables), 3);
  EXPECT_EQ(appraisal.vector.get(appraise::TrustClaim::hardware), 97);
  for (const rego::ReferenceQuery& q : appraisal.queries) {
    EXPECT_EQ(q.found, q.name == "launch_digest") << q.name;
  }
  EXPECT_EQ(record.references.get("launch_digest").value(), R"(["abcde"])");
  EXPECT_EQ(record.references.size(), 1U);
}

TEST_F(As, a_policy_that_asks_for_ever_is_stopped) {
  std::string chain = "package policy\ntrust_claims := {\"hardware\": 2} if {\n";
  for (int i = 0; i < 8; ++i) {
    chain += "query_reference_value(\"n" + std::to_string(i) + "\") == 1\n";
  }
  store_policy("p_cpu", chain + "}");
  environment_.unknown_reference = rego::UnknownReference::is_needed;
  auto e = evaluation({sample()}, {"p"});
  std::size_t rounds = 0;
  auto step = e.next();
  for (; step.ok() && rounds < 20; ++rounds) {
    for (const std::string& name : std::get<appraise::ReferenceNeeds>(*step).names) {
      e.answer(name, "1");
    }
    step = e.next();
  }
  ASSERT_FALSE(step.ok());
  EXPECT_TRUE(step.error().is(Errc::reference_rounds_exhausted));
  EXPECT_EQ(rounds, kMaxRounds);
  EXPECT_TRUE(e.next().error().is(Errc::step_after_end));
}

/// Real evidence whose endorsement certificate was left out.
VerificationRequest snp_without_certificate() {
  json::Value evidence =
      json::parse(file_text("tests/vectors/snp/evidence-genoa-e2e.json")).value();
  evidence.as_object()->set("cert_chain", nullptr);
  return {rcar::Tee::snp, json::write(evidence), Absent{}, Absent{}};
}

TEST_F(As, needed_collateral_is_asked_for_and_used) {
  environment_.now = from_unix_seconds(1'790'000'000);
  auto e = evaluation({sample(), snp_without_certificate()});
  auto step = e.next();
  ASSERT_TRUE(step.ok()) << step.error().to_string();
  const auto* needs = std::get_if<CollateralNeeds>(&*step);
  ASSERT_NE(needs, nullptr);
  ASSERT_EQ(needs->items.size(), 1U);
  EXPECT_EQ(needs->items.front().index, 1U);
  EXPECT_TRUE(std::get<snp::Needs>(needs->items.front().needs).vcek.has_value());
  e.collateral(1).vcek = file_bytes("tests/vectors/snp/evidence-genoa-e2e.vcek.der");
  step = e.next();
  ASSERT_TRUE(step.ok()) << step.error().to_string();
  EXPECT_TRUE(std::holds_alternative<Issued>(*step));
  const decision::Device& snp = e.record().devices.at(1);
  EXPECT_EQ(snp.submodule, "cpu1");
  json::Value want =
      json::parse(file_text("tests/vectors/snp/evidence-genoa-e2e.claims.json")).value();
  (void)want.as_object()->remove("init_data");
  (void)want.as_object()->remove("report_data");
  EXPECT_EQ(*json::parse(snp.annotated_evidence).value().at_pointer("/snp"), want);
}

TEST_F(As, needed_collateral_is_not_asked_for_for_ever) {
  auto e = evaluation({snp_without_certificate()});
  std::size_t rounds = 0;
  auto step = e.next();
  while (step.ok() && rounds < 20) {
    ASSERT_TRUE(std::holds_alternative<CollateralNeeds>(*step));
    ++rounds;
    step = e.next();
  }
  ASSERT_FALSE(step.ok());
  EXPECT_TRUE(step.error().is(Errc::collateral_not_provided));
  EXPECT_EQ(rounds, kMaxRounds);
}

TEST_F(As, the_record_tells_claims_policy_and_queries) {
  (void)attest({sample()});
  const json::Value record = decision::to_json(record_);
  EXPECT_EQ(text(record, "/request_id"), "r-1");
  EXPECT_EQ(text(record, "/time"), "2026-09-21T14:13:20.000Z");
  EXPECT_EQ(text(record, "/verdict"), "issued");
  EXPECT_EQ(text(record, "/evidence/0/tee"), "sample");
  // printf '{"svn":"1","report_data":""}' | sha384sum
  EXPECT_EQ(text(record, "/evidence/0/sha384"),
            "f614ae8c79c3c7934c1f6cac6a56871cd0933af5987644780bcabd3a2857a0964565e9686f155679e8002f"
            "01e829c5e4");
  EXPECT_EQ(text(record, "/devices/0/policy"), "default_cpu");
  EXPECT_EQ(text(record, "/devices/0/status"), "contraindicated");
  EXPECT_EQ(text(record, "/devices/0/claims/sample/launch_digest"), "abcde");
  EXPECT_EQ(text(record, "/devices/0/queries/0/registered"), "false");
  EXPECT_NE(text(record, "/findings").find("appraisal.claim_contraindicated"), std::string::npos);
}

}  // namespace
}  // namespace trustee::as