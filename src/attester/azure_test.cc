#include "attester/azure.h"

#include <gtest/gtest.h>

#include "attester/errors.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/pem.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"
#include "tests/support/hcl_builder.h"

namespace trustee::attester {
namespace {

constexpr std::uint32_t kHcl = 0x01400001;
constexpr std::uint32_t kUserData = 0x01400002;

std::string text_at(const json::Value& value, std::string_view pointer) {
  return *value.at_pointer(pointer)->as_string();
}

// TPMT_SIGNATURE: RSASSA, SHA-256, 256 bytes.
ByteVec rsassa(const ByteVec& signature) {
  ByteVec out = from_hex("0014000b0100");
  out.insert(out.end(), signature.begin(), signature.end());
  return out;
}

// A machine that answers what one on Azure did whose evidence was recorded.
struct AzureTest : ::testing::Test {
  AzureTest() {
    fake.tpm = std::make_shared<FakeTpm>();
    fake.files.content["/dev/tpmrm0"] = {};
    FakeTpm& tpm = *fake.tpm;
    tpm.nv[kHcl] = codec::base64url_padded_decode(text_at(recorded, "/hcl_report")).value();
    tpm.keys.emplace(0x81000003,
                     crypto::PrivateKey::generate_ec(crypto::Curve::p256).value().public_key());
    tpm.answer.message = codec::hex_decode(text_at(recorded, "/tpm_quote/message")).value();
    tpm.answer.signature =
        rsassa(codec::hex_decode(text_at(recorded, "/tpm_quote/signature")).value());
    const json::Array& pcrs = *recorded.at_pointer("/tpm_quote/pcrs")->as_array();
    for (std::size_t i = 0; i < kPcrCount; ++i) {
      tpm.pcrs.values[i] = regularised<32>(codec::hex_decode(*pcrs[i].as_string()).value());
    }
    const ByteVec vcek = codec::base64url_padded_decode(text_at(recorded, "/vcek")).value();
    json::Object certificates;
    certificates.append("vcekCert", codec::pem_write("CERTIFICATE", vcek));
    certificates.append("certificateChain", "");
    fake.metadata.answers["/metadata/THIM/amd/certification"] =
        json::write(std::move(certificates));
  }
  json::Value recorded =
      json::parse(file_text("tests/vectors/az-snp-vtpm/evidence-v2.json")).value();
  ByteVec report_data = from_hex(
      "982f5c6e45df0ed3f10b6f60b02f0c8390e281300f3805e2279c16168cd6ae9aa398f647caa2338748cd0fd9f5f8"
      "19ef");
  FakeMachine fake;
};

TEST_F(AzureTest, snp_evidence_is_the_text_that_was_recorded) {
  EXPECT_EQ(*azure_kind(fake.machine), azure::Hardware::snp);
  const auto evidence = azure_snp_evidence(fake.machine, report_data);
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  EXPECT_EQ(json::write(*evidence), json::write(recorded));
  EXPECT_EQ(fake.tpm->quoted_data, report_data);
  ByteVec padded = report_data;
  padded.resize(64);
  EXPECT_EQ(fake.tpm->nv[kUserData], padded);
}

TEST_F(AzureTest, a_report_that_is_not_made_anew_is_waited_for_and_then_refused) {
  const auto evidence = azure_snp_evidence(fake.machine, ByteVec(48, 1));
  ASSERT_FALSE(evidence.ok());
  EXPECT_TRUE(evidence.error().is(Errc::hcl_not_refreshed));
  EXPECT_EQ(fake.pauses, 20);
  EXPECT_EQ(fake.tpm->quotes, 0);
}

TEST_F(AzureTest, a_metadata_service_that_fails_or_talks_nonsense_is_told) {
  auto& answer = fake.metadata.answers["/metadata/THIM/amd/certification"];
  for (const char* text : {"", "{}", "[]", R"({"vcekCert":5})", R"({"vcekCert":"no PEM"})"}) {
    answer = text;
    EXPECT_TRUE(azure_snp_evidence(fake.machine, report_data).error().is(Errc::metadata_failed))
        << text;
  }
  fake.metadata.answers.clear();
  EXPECT_TRUE(azure_snp_evidence(fake.machine, report_data).error().is(Errc::metadata_failed));
}

TEST_F(AzureTest, a_key_of_another_algorithm_is_refused) {
  EXPECT_EQ(*rsassa_signature(rsassa(ByteVec(256, 3))), ByteVec(256, 3));
  fake.tpm->answer.signature[1] = 0x16;
  EXPECT_TRUE(azure_snp_evidence(fake.machine, report_data).error().is(Errc::tpm_key_unsupported));
  EXPECT_TRUE(rsassa_signature(rsassa(ByteVec(255))).error().is(Errc::answer_malformed));
  EXPECT_TRUE(rsassa_signature(rsassa(ByteVec(257))).error().is(Errc::answer_malformed));
}

// A report of the TDX kind.
ByteVec tdx_report(const HclBuilder& builder) {
  ByteVec report(1024);
  for (std::size_t i = 0; i < report.size(); ++i) {
    report[i] = static_cast<std::uint8_t>(i * 3);
  }
  return builder.report(4, report);
}

TEST_F(AzureTest, tdx_evidence_has_the_quote_of_the_td_report) {
  // The firmware shows new report data some reads after it was written.
  HclBuilder builder(test_rsa_ak().public_key());
  fake.tpm->nv[kHcl] = tdx_report(builder);
  fake.tpm->after_nv_write = [this, &builder] {
    fake.tpm->nv[kHcl] = tdx_report(builder.with_user_data(fake.tpm->nv[kUserData]));
  };
  fake.metadata.answers["/acc/tdquote"] = R"({"quote":"_-8="})";
  const auto evidence = azure_tdx_evidence(fake.machine, report_data);
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  EXPECT_EQ(text_at(*evidence, "/td_quote"), "_-8=");
  const ByteVec& hcl = fake.tpm->nv[kHcl];
  EXPECT_EQ(text_at(*evidence, "/hcl_report"), codec::base64url_padded_encode(hcl));
  EXPECT_EQ(evidence->as_object()->find("version")->as_number()->text(), "2");
  const ByteVec report(hcl.begin() + 0x20, hcl.begin() + 0x20 + 1024);
  EXPECT_EQ(fake.metadata.asked, std::vector<std::string>{"POST /acc/tdquote {\"report\":\"" +
                                                          codec::base64url_encode(report) + "\"}"});
  for (const char* text : {"{}", R"({"quote":""})", R"({"quote":"+/"})"}) {
    fake.metadata.answers["/acc/tdquote"] = text;
    EXPECT_TRUE(azure_tdx_evidence(fake.machine, report_data).error().is(Errc::metadata_failed));
  }
  EXPECT_TRUE(
      azure_snp_evidence(fake.machine, report_data).error().is(Errc::hcl_of_other_hardware));
}

TEST_F(AzureTest, a_report_that_servers_refuse_is_not_sent) {
  const auto refused = [this](const ByteVec& report) {
    fake.tpm->nv[kHcl] = report;
    const auto evidence = azure_snp_evidence(fake.machine, report_data);
    return evidence.ok() ? "accepted" : evidence.error().code().id();
  };
  const ByteVec good = fake.tpm->nv[kHcl];
  EXPECT_EQ(refused(good), "accepted");
  EXPECT_EQ(refused({}), "azure.hcl_malformed");
  EXPECT_EQ(refused(ByteVec(good.begin(), good.begin() + 0x4D4)), "azure.hcl_malformed");
  HclBuilder builder(test_rsa_ak().public_key());
  builder.with_user_data(report_data);
  const ByteVec hardware(1184, 0);
  EXPECT_EQ(refused(builder.report(3, hardware)), "azure.hcl_malformed");
  HclBuilder other_hash = builder;
  EXPECT_EQ(refused(other_hash.with_hash_type(2).report(2, hardware)),
            "azure.hcl_hash_unsupported");
  HclBuilder without_ak = builder;
  EXPECT_EQ(refused(without_ak.with_ak_name("HCLEkPub").report(2, hardware)), "azure.ak_missing");
  builder.with_user_data_text("xy");
  EXPECT_EQ(refused(builder.report(2, hardware)), "azure.user_data_malformed");
}

}  // namespace
}  // namespace trustee::attester
