#include <gtest/gtest.h>

#include "codec/base64.h"
#include "intel/intel_test_data.h"
#include "intel/texts.h"
#include "sgx/claims.h"
#include "sgx/errors.h"
#include "sgx/evidence.h"
#include "sgx/texts.h"
#include "sgx/verify.h"

namespace trustee::sgx {
namespace {

using intel::evidence_json;
using intel::refusal;
using intel::vector_path;
using intel::vector_set;

template <class T>
std::string words(const Result<T>& result) {
  return intel::words(result, upstream_text);
}

Result<Outcome> judged(std::string_view json, const claims::Expected& expected,
                       const intel::RootKey& root, const intel::VerifiedCollateral& collateral,
                       Time now) {
  auto evidence = parse_evidence(json);
  if (!evidence.ok()) return std::move(evidence).error();
  intel::PckCache cache;
  return verify(*evidence, expected, {root, cache, collateral}, now);
}

std::string text_of(const json::Object& claims, const char* pointer) {
  const json::Value all = claims;
  const json::Value* value = all.at_pointer(pointer);
  return value == nullptr ? "absent" : json::write(*value);
}

TEST(Claims, OfTheRealSetAreTheExpectedOnes) {
  CASE("CPU-53");
  const auto set = vector_set("sgx-00a067110000-processor-ca");
  const auto root = intel::RootKey::built_in();
  const auto outcome = judged(evidence_json(set.quote), {}, root,
                              intel::verify_collateral(set.documents, root).value(), set.at);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  const json::Object claims = claims_of(std::get<claims::Verified<Attested>>(*outcome)).claims;
  for (const json::Member& m : set.expected_claims()) {
    ASSERT_NE(claims.find(m.name), nullptr) << m.name;
    EXPECT_EQ(*claims.find(m.name), m.value) << m.name;
  }
  // header, body, report_data, init_data, attributes and no other.
  EXPECT_EQ(claims.size(), set.expected_claims().size() + 5);
  EXPECT_EQ(text_of(claims, "/sgx_type"), "\"Standard\"");
  EXPECT_EQ(text_of(claims, "/is_smt_enabled"), "absent");
  EXPECT_EQ(text_of(claims, "/platform_instance_id"), "absent");
}

TEST(Claims, OfTheQuoteAreUpstreams) {
  CASE("CPU-44");
  const auto quote = intel::parse_quote(file_bytes(vector_path("sgx/occlum_quote.dat"))).value();
  const json::Object claims = quote_claims(quote);
  EXPECT_EQ(text_of(claims, "/header/version"), "\"0300\"");
  EXPECT_EQ(text_of(claims, "/header/att_key_data_0"), "\"00000000\"");
  EXPECT_EQ(text_of(claims, "/header/qe_svn"), "\"0800\"");
  EXPECT_EQ(text_of(claims, "/header/pce_svn"), "\"0d00\"");
  EXPECT_EQ(text_of(claims, "/body/mr_enclave"),
            "\"8f173e4613ff05c52aaf04162d234edae8c9977eae47eb2299ae16a553011c68\"");
  EXPECT_EQ(text_of(claims, "/body/mr_signer"),
            "\"83d719e77deaca1470f6baf62a4d774303c899db69020f9c70ee1dfc08c7ce9e\"");
  EXPECT_EQ(text_of(claims, "/report_data"), "\"74657374" + std::string(120, '0') + '"');
  EXPECT_EQ(text_of(claims, "/init_data"), '"' + std::string(128, '0') + '"');
  EXPECT_NE(text_of(claims, "/body/attributes.flags"), "absent");
  EXPECT_NE(text_of(claims, "/body/attributes.xfrm"), "absent");
}

TEST(Claims, DecodeTheDebugFlag) {
  const IntelPki pki = IntelPki::processor();
  const auto debug_of = [&](const QuoteBuilder& builder) {
    return text_of(quote_claims(intel::parse_quote(builder.sign(pki)).value()), "/attributes");
  };
  EXPECT_EQ(debug_of(QuoteBuilder::sgx_v3()),
            R"({"debug":false,"mode64bit":true,"provision_key":false,"einittoken_key":false,)"
            R"("kss":false,"aex_notify":false})");
  EXPECT_EQ(debug_of(QuoteBuilder::sgx_v3().with_debug().with_body_byte(49, 4)),
            R"({"debug":true,"mode64bit":true,"provision_key":false,"einittoken_key":false,)"
            R"("kss":false,"aex_notify":true})");
}

TEST(Evidence, OfVersions4And5IsVerifiedAndSaysItsVersion) {
  const IntelBuilder built = IntelBuilder::sgx();
  const auto collateral = intel::verify_collateral(built.documents(), built.root()).value();
  const ByteVec data = from_hex("0011");
  const ByteVec other = from_hex("0012");
  const struct {
    QuoteBuilder builder;
    const char* version;
    const char* type;
    const char* size;
  } rows[] = {{QuoteBuilder::sgx_v4(), "\"0400\"", "absent", "absent"},
              {QuoteBuilder::sgx_v5(), "\"0500\"", "\"0100\"", "\"80010000\""}};
  for (const auto& row : rows) {
    QuoteBuilder builder = row.builder;
    const std::string json =
        evidence_json(builder.with_report_data(data).with_init_data(data).sign(built.pki));
    const auto outcome =
        judged(json, {Bytes(data), Bytes(data)}, built.root(), collateral, kIntelNow);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    const json::Object claims = claims_of(std::get<claims::Verified<Attested>>(*outcome)).claims;
    EXPECT_EQ(text_of(claims, "/header/version"), row.version);
    EXPECT_EQ(text_of(claims, "/header/tee_type"), "\"00000000\"");
    EXPECT_EQ(text_of(claims, "/header/reserved"), "\"00000000\"");
    EXPECT_EQ(text_of(claims, "/header/qe_svn"), "absent");
    EXPECT_EQ(text_of(claims, "/type"), row.type);
    EXPECT_EQ(text_of(claims, "/size"), row.size);
    EXPECT_EQ(text_of(claims, "/tcb_status"), "\"UpToDate\"");
    EXPECT_EQ(words(judged(json, {Bytes(other), Bytes(data)}, built.root(), collateral, kIntelNow)),
              "REPORT_DATA is different from that in SGX Quote");
    EXPECT_EQ(words(judged(json, {Bytes(data), Bytes(other)}, built.root(), collateral, kIntelNow)),
              "CONFIGID is different from that in SGX Quote");
  }
}

TEST(Evidence, WithoutEnclaveQuoteIsRefused) {
  CASE("CPU-51");
  const auto root = intel::RootKey::built_in();
  const auto td = judged(evidence_json(file_bytes(vector_path("tdx/tdx_quote_4.dat"))), {}, root,
                         nullptr, kIntelNow);
  EXPECT_EQ(refusal(td), "sgx.quote_of_tdx");
  EXPECT_EQ(words(td), "expected SGX quote (v3), got non-SGX quote");
  EXPECT_EQ(words(parse_evidence(R"({"quote":""})")), "SGX Quote is empty.");
  EXPECT_EQ(words(parse_evidence("{}")), "Deserialize SGX Evidence failed.");
}

TEST(Evidence, KeepsItsLimit) {
  const std::string text = R"({"quote":"AA=="})";
  EXPECT_TRUE(parse_evidence(text + std::string(kMaxEvidence - text.size(), ' ')).ok());
  EXPECT_FALSE(parse_evidence(text + std::string(kMaxEvidence - text.size() + 1, ' ')).ok());
}

TEST(Bindings, AreCheckedBeforeAnythingIsFetched) {
  const IntelBuilder built = IntelBuilder::sgx();
  const ByteVec data = from_hex("00112233445566778899");
  const ByteVec other = from_hex("00112233445566778898");
  QuoteBuilder builder = QuoteBuilder::sgx_v3();
  const std::string json =
      evidence_json(builder.with_report_data(data).with_init_data(data).sign(built.pki));
  const auto with = [&](const claims::Expected& expected) {
    return judged(json, expected, built.root(), nullptr, kIntelNow);
  };
  const auto asks = with({Bytes(data), Bytes(data)});
  ASSERT_TRUE(asks.ok()) << asks.error().to_string();
  EXPECT_EQ(intel::cache_name(std::get<intel::Needs>(*asks).collateral),
            "sgx/10206f000000/processor");
  EXPECT_EQ(words(with({Bytes(other), Bytes(data)})),
            "REPORT_DATA is different from that in SGX Quote");
  EXPECT_EQ(words(with({Bytes(data), Bytes(other)})),
            "CONFIGID is different from that in SGX Quote");
}

}  // namespace
}  // namespace trustee::sgx
