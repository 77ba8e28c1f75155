#include "attester/tpm.h"

#include <gtest/gtest.h>

#include "attester/errors.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "rcar/errors.h"
#include "tests/support/case.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"

namespace trustee::attester {
namespace {

std::string text_at(const json::Value& value, std::string_view pointer) {
  return *value.at_pointer(pointer)->as_string();
}

// A TPM that answers what one did whose evidence was recorded.
struct TpmTest : ::testing::Test {
  TpmTest() {
    fake.tpm = std::make_shared<FakeTpm>();
    fake.files.content["/dev/tpm0"] = {};
    FakeTpm& tpm = *fake.tpm;
    const ByteVec key = codec::base64_decode(text_at(recorded, "/ak_public")).value();
    tpm.keys.emplace(kDefaultAkHandle, crypto::PublicKey::from_spki(key).value());
    tpm.answer.message = codec::base64_decode(text_at(recorded, "/tpm_quote/message")).value();
    tpm.answer.signature = codec::base64_decode(text_at(recorded, "/tpm_quote/signature")).value();
    const json::Array& pcrs = *recorded.at_pointer("/tpm_quote/pcrs")->as_array();
    for (std::size_t i = 0; i < kPcrCount; ++i) {
      tpm.pcrs.values[i] = regularised<32>(codec::hex_decode(*pcrs[i].as_string()).value());
    }
  }
  json::Value recorded = json::parse(file_text("tests/vectors/tpm/tpm_evidence.json")).value();
  FakeMachine fake;
};

TEST_F(TpmTest, evidence_is_the_text_that_was_recorded) {
  const auto evidence = tpm_evidence(fake.machine, ByteVec(48, 7));
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  EXPECT_EQ(json::write(*evidence), json::write(recorded));
  EXPECT_EQ(fake.opened_tpms, std::vector<std::string>{"device:/dev/tpm0"});
}

TEST_F(TpmTest, report_data_is_padded_or_cut_to_32_bytes) {
  ASSERT_TRUE(tpm_evidence(fake.machine, ByteVec(48, 7)).ok());
  EXPECT_EQ(fake.tpm->quoted_data, ByteVec(32, 7));
  ASSERT_TRUE(tpm_evidence(fake.machine, ByteVec(1, 7)).ok());
  ByteVec padded(32);
  padded[0] = 7;
  EXPECT_EQ(fake.tpm->quoted_data, padded);
}

TEST_F(TpmTest, the_resource_manager_comes_before_raw_devices) {
  fake.files.content["/dev/tpmrm0"] = {};
  EXPECT_EQ(*tpm_tcti(fake.machine), "device:/dev/tpmrm0");
  fake.machine.environment.tpm_device = "/dev/tpm7";
  EXPECT_EQ(*tpm_tcti(fake.machine), "device:/dev/tpm7");
  fake.machine.environment.tpm_device = "swtpm:path=/run/socket";
  EXPECT_EQ(*tpm_tcti(fake.machine), "swtpm:path=/run/socket");
}

TEST_F(TpmTest, the_handle_is_hexadecimal) {
  Environment e;
  EXPECT_EQ(*tpm_ak_handle(e), 0x81010002U);
  for (const char* text : {"0x81000003", "81000003", "0X81000003"}) {
    e.tpm_ak_handle = text;
    EXPECT_EQ(*tpm_ak_handle(e), 0x81000003U) << text;
  }
  for (const char* text : {"", "0x", "81000003h", "-1", "181000003"}) {
    e.tpm_ak_handle = text;
    EXPECT_TRUE(tpm_ak_handle(e).error().is(Errc::tpm_handle_malformed)) << text;
  }
}

TEST_F(TpmTest, a_quote_overtaken_by_an_extension_is_made_again) {
  fake.tpm->changes_while_quoting = 2;
  ASSERT_TRUE(tpm_evidence(fake.machine, {}).ok());
  EXPECT_EQ(fake.tpm->quotes, 3);
  fake.tpm->changes_while_quoting = 1000;
  EXPECT_TRUE(tpm_evidence(fake.machine, {}).error().is(Errc::pcrs_unsettled));
}

TEST_F(TpmTest, a_missing_key_or_tpm_is_told) {
  fake.machine.environment.tpm_ak_handle = "81010009";
  EXPECT_TRUE(tpm_evidence(fake.machine, {}).error().is(Errc::tpm_key_missing));
  fake.tpm.reset();
  EXPECT_TRUE(tpm_evidence(fake.machine, {}).error().is(Errc::tpm_unavailable));
  fake.files.content.clear();
  EXPECT_TRUE(tpm_evidence(fake.machine, {}).error().is(Errc::file_missing));
}

// The digest and PCR 8 of client-and-guest.md 8.2.
const ByteVec kDigest =
    from_hex("2765b31f35243636a195a8acc595b86d69223c25bcff9ebb6f7a4e0c340df6b4");
const char* const kPcr8 = "0f1564a86080d039539dbe4ec1cc941d5ceab54385111ec9c34b7a0f7b313aba";

TEST_F(TpmTest, init_data_extends_pcr_8_once) {
  fake.tpm->pcrs = {};
  ASSERT_TRUE(bind_init_data_to_pcr8(*fake.tpm, kDigest).ok());
  EXPECT_EQ(codec::hex_encode(fake.tpm->pcrs.values[8]), kPcr8);
  ASSERT_TRUE(bind_init_data_to_pcr8(*fake.tpm, kDigest).ok());
  EXPECT_EQ(codec::hex_encode(fake.tpm->pcrs.values[8]), kPcr8);
  EXPECT_TRUE(bind_init_data_to_pcr8(*fake.tpm, ByteVec(32)).error().is(Errc::pcr8_taken));
}

TEST_F(TpmTest, init_data_of_another_digest_size_is_refused) {
  CASE("CL-85");
  fake.tpm->pcrs = {};
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{48}}) {
    EXPECT_TRUE(
        bind_init_data_to_pcr8(*fake.tpm, ByteVec(size)).error().is(rcar::Errc::init_data_size));
  }
  EXPECT_EQ(fake.tpm->pcrs, PcrBank{});
}

}  // namespace
}  // namespace trustee::attester
