#include "appraise/ear.h"

#include <gtest/gtest.h>

#include "appraise/annotated_evidence.h"
#include "appraise/errors.h"
#include "appraise/testdata.h"
#include "codec/base64.h"
#include "jose/jwt.h"
#include "tests/support/case.h"

namespace trustee::appraise {
namespace {

std::vector<std::string> split(const std::string& token) {
  std::vector<std::string> out{""};
  for (const char c : token) {
    if (c == '.') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::string decoded(const std::string& part) {
  const auto bytes = codec::base64url_decode(part);
  return bytes.ok() ? std::string(as_text(*bytes)) : "not base64url";
}

/// The token that the released service issued in the first recorded conversation.
std::string recorded_token() {
  const auto document = json::parse(file_text("tests/transcripts/01-attest.json")).value();
  std::string token = *document.at_pointer("/steps/0/stdout")->as_string();
  token.pop_back();  // the line feed
  return token;
}

TokenSigner recorded_signer() {
  auto key =
      crypto::PrivateKey::from_pem(SecretText(file_text("tests/transcripts/keys/token.key")));
  auto chain = crypto::Certificate::bundle_from_pem(
      file_text("tests/transcripts/keys/token-cert-chain.pem"));
  return TokenSigner::create(std::move(key).value(), std::move(chain).value()).value();
}

Submodule submodule(std::string name, std::string annotated = R"({"sample":{}})") {
  Appraisal a;
  a.vector.set(TrustClaim::hardware, 2);
  a.status = a.vector.status();
  a.policy_id = "default_cpu";
  a.policy_digest = "ab";
  return {std::move(name), std::move(a), std::move(annotated)};
}

std::string payload_or_code(const EarSettings& settings, std::vector<Submodule> submodules) {
  const auto text = ear_payload(settings, "default", submodules, from_unix_seconds(1'790'000'000));
  return text.ok() ? *text : std::string(text.error().code().name());
}

TEST(Ear, header_and_payload_are_those_of_the_released_service) {
  CASE("AS-68");
  CASE("AS-69");
  const auto recorded = split(recorded_token());
  const auto claims = json::parse(decoded(recorded.at(1))).value();
  const std::string input =
      json::write(*claims.at_pointer("/submods/cpu0/ear.veraison.annotated-evidence"));
  auto appraisal = appraised(*shipped("default_cpu"), input);
  ASSERT_TRUE(appraisal.ok());
  const Submodule cpu0[] = {{"cpu0", *appraisal, input}};
  const auto token =
      issue_ear({}, recorded_signer(), "default", cpu0,
                from_unix_seconds(*claims.at_pointer("/iat")->as_number()->as_i64()));
  ASSERT_TRUE(token.ok());
  const auto ours = split(*token);
  EXPECT_EQ(decoded(ours.at(0)), decoded(recorded.at(0)));
  EXPECT_EQ(decoded(ours.at(1)), decoded(recorded.at(1)));
  EXPECT_EQ(ours.at(0), recorded.at(0));
  EXPECT_EQ(ours.at(1), recorded.at(1));
  const auto header = json::parse(decoded(ours.at(0))).value();
  std::string members;
  for (const json::Member& m : *header.as_object()) {
    members += m.name + " ";
  }
  EXPECT_EQ(members, "typ alg jwk ");
  EXPECT_EQ(header.at_pointer("/jwk/kid"), nullptr);
  EXPECT_EQ(claims.at_pointer("/nbf"), nullptr);
  EXPECT_EQ(claims.at_pointer("/jti"), nullptr);
}

TEST(Ear, a_token_verifies_with_the_key_that_was_configured_or_made) {
  CASE("AS-42");
  const auto policy = policy_with(
      "default executables := 33\nexecutables := 3 if input.sample.claim == \"claim1\"\n"
      "trust_claims := {\"executables\": executables, \"hardware\": 97}");
  const std::string input = R"({"sample":{"claim":"claim1"}})";
  const Submodule cpu0[] = {{"cpu0", appraised(*policy, input).value(), input}};
  const Time now = from_unix_seconds(1'790'000'000);
  for (const TokenSigner& signer : {TokenSigner::ephemeral().value(), recorded_signer()}) {
    const auto token = issue_ear({}, signer, "ear_no_rv_policy", cpu0, now);
    ASSERT_TRUE(token.ok()) << token.error().to_string();
    const auto parsed = jose::UnverifiedToken::parse(*token).value();
    const auto claims = parsed.verify(signer.jwk(), now);
    ASSERT_TRUE(claims.ok()) << claims.error().to_string();
    EXPECT_FALSE(parsed.verify(TokenSigner::ephemeral()->jwk(), now).ok());
    // What an EAR must have (draft-ietf-rats-ear), and what the policy said.
    const json::Value& ear = claims->value();
    EXPECT_EQ(*ear.at_pointer("/eat_profile"),
              json::Value("tag:github.com,2024:confidential-containers/Trustee"));
    EXPECT_EQ(*ear.at_pointer("/iat"), json::Value(1'790'000'000));
    EXPECT_FALSE(ear.at_pointer("/ear.verifier-id/developer")->as_string()->empty());
    EXPECT_FALSE(ear.at_pointer("/ear.verifier-id/build")->as_string()->empty());
    EXPECT_EQ(json::write(*ear.at_pointer("/submods")),
              R"({"cpu0":{"ear.status":"contraindicated","ear.trustworthiness-vector":)"
              R"({"executables":3,"hardware":97},"ear.appraisal-policy-id":"ear_no_rv_policy",)"
              R"("ear.veraison.annotated-evidence":{"sample":{"claim":"claim1"}}}})");
  }
}

/// The payload of the specification's complete example (section 10.7).
json::Value example() {
  return json::parse(file_text("src/appraise/testdata/ear_example.json")).value();
}

std::string evidence_in(const json::Value& payload, std::string_view submodule) {
  return json::write(*payload.at_pointer("/submods/" + std::string(submodule) +
                                         "/ear.veraison.annotated-evidence"));
}

TEST(Ear, the_payload_of_the_specifications_example_is_byte_for_byte_ours) {
  const json::Value payload = example();
  const std::string cpu_input = evidence_in(payload, "cpu0");
  const json::Value& snp = *payload.at_pointer("/submods/cpu0/ear.veraison.annotated-evidence/snp");
  json::Object references;
  for (const auto& [name, claim] : std::initializer_list<std::pair<const char*, const char*>>{
           {"snp_launch_measurement", "measurement"},
           {"snp_bootloader", "reported_tcb_bootloader"},
           {"snp_microcode", "reported_tcb_microcode"},
           {"snp_snp_svn", "reported_tcb_snp"},
           {"snp_tee_svn", "reported_tcb_tee"}}) {
    references.append(name, json::Array{*snp.as_object()->find(claim)});
  }
  for (const auto& [name, claim] : std::initializer_list<std::pair<const char*, const char*>>{
           {"snp_smt_enabled", "platform_smt_enabled"},
           {"snp_tsme_enabled", "platform_tsme_enabled"},
           {"snp_guest_abi_major", "policy_abi_major"},
           {"snp_guest_abi_minor", "policy_abi_minor"},
           {"snp_single_socket", "policy_single_socket"},
           {"snp_smt_allowed", "policy_smt_allowed"}}) {
    references.append(name, *snp.as_object()->find(claim));
  }
  const auto cpu = appraised(*shipped("default_cpu"), cpu_input,
                             references_of(json::write(std::move(references))));
  ASSERT_TRUE(cpu.ok()) << cpu.error().to_string();
  // The example shortens the claims of the GPU, so its vector is taken as stated.
  Submodule gpu = submodule("gpu0", evidence_in(payload, "gpu0"));
  gpu.appraisal.vector =
      trust_vector_of(*payload.at_pointer("/submods/gpu0/ear.trustworthiness-vector")).value();
  gpu.appraisal.status = gpu.appraisal.vector.status();
  EXPECT_EQ(payload_or_code({}, {gpu, {"cpu0", *cpu, cpu_input}}), json::write(payload));
}

TEST(Ear, the_payload_of_several_devices_is_exactly_this) {
  Submodule gpu = submodule("gpu10", R"({"nvidia":{"a":"/\u00e4"}})");
  gpu.appraisal.extensions = {{"a", 1, json::Value()}, {"b", 2, json::Array{1, "x"}}};
  EXPECT_EQ(payload_or_code({}, {submodule("gpu2"), gpu, submodule("cpu0")}),
            R"({"eat_profile":"tag:github.com,2024:confidential-containers/Trustee",)"
            R"("iat":1790000000,"ear.verifier-id":{"developer":)"
            R"("https://confidentialcontainers.org","build":"attestation-service 0.1.0"},)"
            R"("submods":{"cpu0":{"ear.status":"affirming","ear.trustworthiness-vector":)"
            R"({"hardware":2},"ear.appraisal-policy-id":"default",)"
            R"("ear.veraison.annotated-evidence":{"sample":{}}},)"
            R"("gpu10":{"ear.status":"affirming","ear.trustworthiness-vector":{"hardware":2},)"
            R"("ear.appraisal-policy-id":"default","ear.veraison.annotated-evidence":)"
            R"({"nvidia":{"a":"/\u00e4"}},"b":[1,"x"]},)"
            R"("gpu2":{"ear.status":"affirming","ear.trustworthiness-vector":{"hardware":2},)"
            R"("ear.appraisal-policy-id":"default","ear.veraison.annotated-evidence":)"
            R"({"sample":{}}}},"exp":1790000300,"iss":"CoCo-Attestation-Service"})");
}

TEST(Ear, an_extension_of_value_null_is_accepted_and_absent) {
  CASE("AS-66");
  const auto a = appraised(*policy_with("trust_claims := {\"hardware\": 2}\n"
                                        R"(extensions := [{"name":"gone","key":1,"value":null}])"),
                           "{}");
  ASSERT_TRUE(a.ok());
  const Submodule cpu0[] = {{"cpu0", *a, "{}"}};
  const auto text = ear_payload({}, "t", cpu0, from_unix_seconds(1));
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->find("gone"), std::string::npos);
}

TEST(Ear, the_duration_counts_in_minutes) {
  CASE("AS-70");
  const auto expiry = [](std::int64_t minutes) {
    const auto text = payload_or_code({.duration_min = minutes}, {submodule("cpu0")});
    const auto parsed = json::parse(text);
    return parsed.ok() ? parsed->at_pointer("/exp")->as_number()->text() : text;
  };
  EXPECT_EQ(expiry(5), "1790000300");
  EXPECT_EQ(expiry(999), "1790059940");
  EXPECT_EQ(expiry(0), "1790000000");
  EXPECT_EQ(expiry(-1), "1789999940");
  EXPECT_EQ(expiry(INT64_MAX), "token_expiration_overflow");
  EXPECT_EQ(expiry(INT64_MIN), "token_expiration_overflow");
}

TEST(Ear, empty_settings_and_empty_tokens_are_refused) {
  const auto refusal = [](const EarSettings& s) { return payload_or_code(s, {submodule("cpu0")}); };
  EXPECT_EQ(refusal({.developer = ""}), "token_setting_empty");
  EXPECT_EQ(refusal({.build = ""}), "token_setting_empty");
  EXPECT_EQ(refusal({.profile = ""}), "token_setting_empty");
  EXPECT_TRUE(check_settings({.issuer = ""}).ok());
  EXPECT_EQ(payload_or_code({}, {}), "token_without_submodules");
}

TEST(Ear, the_exact_policy_is_named_when_asked_for) {
  EXPECT_NE(payload_or_code({.policy_reference = PolicyReference::exact}, {submodule("cpu0")})
                .find(R"("ear.trustee.policy":{"id":"default_cpu","sha384":"ab"}})"),
            std::string::npos);
}

TEST(SubmoduleNames, count_by_class_and_do_not_wrap) {
  SubmoduleNames names;
  EXPECT_EQ(names.next(claims::TeeClass::cpu), "cpu0");
  EXPECT_EQ(names.next(claims::TeeClass::gpu), "gpu0");
  EXPECT_EQ(names.next(claims::TeeClass::cpu), "cpu1");
  EXPECT_EQ(names.next(claims::TeeClass::nvidia_dpu), "nvidia-dpu0");
  for (int i = 1; i < 256; ++i) {
    (void)names.next(claims::TeeClass::gpu);
  }
  EXPECT_EQ(names.next(claims::TeeClass::gpu), "gpu256");
}

claims::ClaimSet claims_of(std::string_view text) {
  return {*json::parse(text).value().as_object(), claims::TeeClass::cpu};
}

std::string annotated(std::string_view verified, std::string_view tee, json::Value runtime,
                      json::Value init, Verbosity verbosity = Verbosity::full) {
  const auto out = annotate(claims_of(verified), tee, runtime, init, verbosity);
  return out.ok() ? json::write(*out) : std::string(out.error().code().name());
}

TEST(Annotate, moves_report_data_and_init_data_up_and_nests_the_rest) {
  CASE("AS-57");
  EXPECT_EQ(annotated(R"({"ccel":"c","quote":{"z":1,"a":2},"report_data":"r","init_data":"i"})",
                      "tdx", "runtime", "init"),
            R"({"init_data":"i","init_data_claims":"init","report_data":"r",)"
            R"("runtime_data_claims":"runtime","tdx":{"ccel":"c","quote":{"a":2,"z":1}}})");
}

TEST(Annotate, without_report_data_no_runtime_claims_come_out) {
  CASE("AS-58");
  EXPECT_EQ(annotated(R"({"a":1})", "nvidia", json::Object{{"n", 1}}, "x"),
            R"({"nvidia":{"a":1}})");
  EXPECT_EQ(annotated(R"({"report_data":"r"})", "csv", nullptr, "x"),
            R"({"csv":{},"report_data":"r","runtime_data_claims":null})");
}

TEST(Annotate, brief_tokens_drop_the_additional_evidence) {
  CASE("AS-59");
  const json::Object runtime{{"additional-evidence", "{}"}, {"nonce", "n"}, {"tee-pubkey", 1}};
  EXPECT_EQ(annotated(R"({"report_data":"r"})", "snp", runtime, nullptr, Verbosity::brief),
            R"({"report_data":"r","runtime_data_claims":{"nonce":"n","tee-pubkey":1},"snp":{}})");
  EXPECT_EQ(annotated(R"({"report_data":"r"})", "snp", runtime, nullptr),
            R"({"report_data":"r","runtime_data_claims":{"additional-evidence":"{}","nonce":"n",)"
            R"("tee-pubkey":1},"snp":{}})");
  EXPECT_EQ(annotated(R"({"report_data":"r"})", "snp", "text", nullptr, Verbosity::brief),
            R"({"report_data":"r","runtime_data_claims":"text","snp":{}})");
}

TEST(Annotate, refuses_what_a_token_cannot_carry) {
  EXPECT_EQ(annotated(R"({"report_data":1})", "snp", nullptr, nullptr), "claim_not_text");
  EXPECT_EQ(annotated(R"({"init_data":[]})", "snp", nullptr, nullptr), "claim_not_text");
  EXPECT_EQ(annotated(R"({"a":[{"b":9223372036854775808}]})", "snp", nullptr, nullptr),
            "claim_number_too_large");
  EXPECT_EQ(annotated(R"({"a":9223372036854775807})", "snp", nullptr, nullptr),
            R"({"snp":{"a":9223372036854775807}})");
}

}  // namespace
}  // namespace trustee::appraise
