#include <gtest/gtest.h>

#include "codec/base64.h"
#include "eventlog/claims.h"
#include "eventlog/errors.h"
#include "eventlog/log.h"
#include "intel/intel_test_data.h"
#include "intel/texts.h"
#include "tdx/claims.h"
#include "tdx/errors.h"
#include "tdx/evidence.h"
#include "tdx/texts.h"
#include "tdx/verify.h"
#include "tests/support/flipped.h"

namespace trustee::tdx {
namespace {

using intel::evidence_json;
using intel::refusal;
using intel::vector_path;
using intel::vector_set;

template <class T>
std::string words(const Result<T>& result) {
  return intel::words(result, upstream_text);
}

/// How one evidence document is verified in a test.
struct Verification {
  intel::RootKey root = intel::RootKey::built_in();
  intel::VerifiedCollateral collateral = nullptr;
  Time now = kIntelNow;
  claims::Expected expected{};

  Result<Outcome> of(std::string_view json) const {
    auto evidence = parse_evidence(json);
    if (!evidence.ok()) return std::move(evidence).error();
    intel::PckCache cache;
    return verify(*evidence, expected, {root, cache, collateral}, now);
  }
};

Verification with_set(const intel::VectorSet& set) {
  return {intel::RootKey::built_in(),
          intel::verify_collateral(set.documents, intel::RootKey::built_in()).value(),
          set.at,
          {}};
}

json::Object claims_from(const Result<Outcome>& outcome) {
  EXPECT_TRUE(outcome.ok()) << outcome.error().to_string();
  return claims_of(std::get<claims::Verified<Attested>>(outcome.value())).claims;
}

std::string text_of(const json::Object& claims, const char* pointer) {
  const json::Value all = claims;
  const json::Value* value = all.at_pointer(pointer);
  return value == nullptr ? "absent" : json::write(*value);
}

TEST(Claims, OfEachRealSetAreTheExpectedOnes) {
  CASE("CPU-54");
  CASE("CPU-57");
  CASE("CPU-59");
  for (const char* name :
       {"tdx-v4-00806f050000-azure", "tdx-v4-00a06d080000-outofdate", "tdx-v4-20a06f000000",
        "tdx-v4-50806f000000-2023", "tdx-v4-b0c06f000000"}) {
    const auto set = vector_set(name);
    const json::Object claims = claims_from(with_set(set).of(evidence_json(set.quote)));
    for (const json::Member& m : set.expected_claims()) {
      ASSERT_NE(claims.find(m.name), nullptr) << name << " " << m.name;
      EXPECT_EQ(*claims.find(m.name), m.value) << name << " " << m.name;
    }
    EXPECT_EQ(claims.size(), set.expected_claims().size() + 4) << name;
  }
}

TEST(Claims, OfTheQuoteAreUpstreams) {
  const auto set = vector_set("tdx-v4-50806f000000-2023");
  const json::Object claims = claims_from(with_set(set).of(evidence_json(set.quote)));
  json::Value expected =
      json::parse(file_text(vector_path("tdx/parse_tdx_claims_expected.json"))).value();
  ASSERT_TRUE(expected.as_object()->remove("uefi_event_logs").has_value());
  ASSERT_GE(expected.as_object()->size(), 4U);
  for (const json::Member& m : *expected.as_object()) {
    ASSERT_NE(claims.find(m.name), nullptr) << m.name;
    EXPECT_EQ(*claims.find(m.name), m.value) << m.name;
  }
  EXPECT_EQ(text_of(claims, "/td_attributes/debug"), "true");
}

TEST(Claims, OfVersion5HaveTypeSizeAndTheSecondTcb) {
  const IntelBuilder built = IntelBuilder::tdx();
  const Verification v{built.root(),
                       intel::verify_collateral(built.documents(), built.root()).value(),
                       kIntelNow,
                       {}};
  const json::Object claims =
      claims_from(v.of(evidence_json(QuoteBuilder::tdx_v5_15().sign(built.pki))));
  EXPECT_EQ(text_of(claims, "/quote/type"), "\"0300\"");
  EXPECT_EQ(text_of(claims, "/quote/size"), "\"88020000\"");
  EXPECT_EQ(text_of(claims, "/quote/header/version"), "\"0500\"");
  EXPECT_EQ(text_of(claims, "/quote/header/tee_type"), "\"81000000\"");
  EXPECT_EQ(text_of(claims, "/quote/body/tee_tcb_svn2"), "\"05010300000000000000000000000000\"");
  EXPECT_EQ(text_of(claims, "/quote/body/mr_servicetd"), '"' + std::string(96, '0') + '"');
  EXPECT_EQ(text_of(claims, "/td_attributes/septve_disable"), "true");
  EXPECT_EQ(text_of(claims, "/td_attributes/debug"), "false");
  EXPECT_EQ(text_of(claims, "/tcb_eval_num"), "18");
  const json::Object old =
      claims_from(v.of(evidence_json(QuoteBuilder::tdx_v5_10().sign(built.pki))));
  EXPECT_EQ(text_of(old, "/quote/type"), "\"0200\"");
  EXPECT_EQ(text_of(old, "/quote/body/tee_tcb_svn2"), "absent");
}

TEST(Claims, WithLaterDocumentsAreOutOfDateWithAdvisories) {
  CASE("CPU-58");
  auto set = vector_set("tdx-v4-50806f000000-2023");
  const std::string folder = vector_path("intel-collateral/");
  set.documents.tcb_info = file_text(folder + "teekit-tcbinfos/tcbInfo-tdx-50806f000000.json");
  set.documents.qe_identity = file_text(folder + "enclaveIdentity.json");
  set.documents.pck_crl = file_bytes(folder + "pck_crl_platform-2025-06.der");
  set.documents.root_ca_crl = file_bytes(folder + "root_ca_crl-2025-06.der");
  set.at = intel::at("2025-10-28T12:00:00Z");
  const json::Object claims = claims_from(with_set(set).of(evidence_json(set.quote)));
  EXPECT_EQ(text_of(claims, "/tcb_status"), "\"OutOfDate\"");
  EXPECT_EQ(text_of(claims, "/advisory_ids"),
            R"(["INTEL-SA-00837","INTEL-SA-00960","INTEL-SA-00982","INTEL-SA-00986"])");
}

TEST(Claims, DatesAreThoseOfTheParts) {
  CASE("CPU-73");
  IntelBuilder b = IntelBuilder::tdx();
  for (CertificateBuilder* c : {&b.pki.root, &b.pki.ca, &b.pki.pck, &b.pki.tcb}) {
    c->not_before = from_unix_seconds(1526899510);
  }
  b.root_crl.this_update = from_unix_seconds(1756048752);
  b.root_crl.next_update = from_unix_seconds(1758639725);
  b.pck_crl.this_update = from_unix_seconds(1750000000);
  b.tcb_info.issue_date = "2025-08-01T00:00:00Z";
  b.qe_identity.issue_date = "2025-08-02T00:00:00Z";
  b.tcb_info.levels[0].date = codec::rfc3339_seconds(from_unix_seconds(1710288000));
  const Verification v{
      b.root(), intel::verify_collateral(b.documents(), b.root()).value(), kIntelNow, {}};
  const json::Object claims = claims_from(v.of(evidence_json(QuoteBuilder::tdx_v4().sign(b.pki))));
  EXPECT_EQ(text_of(claims, "/earliest_issue_date"), "\"2018-05-21T10:45:10Z\"");
  EXPECT_EQ(text_of(claims, "/latest_issue_date"), "\"2025-08-24T15:19:12Z\"");
  EXPECT_EQ(text_of(claims, "/earliest_expiration_date"), "\"2025-09-23T15:02:05Z\"");
  EXPECT_EQ(text_of(claims, "/tcb_date"), "\"2024-03-13T00:00:00Z\"");
  EXPECT_EQ(text_of(claims, "/collateral_expiration_status"), "\"1\"");
}

TEST(Claims, OfTheVerificationAreOurs) {
  const auto set = vector_set("tdx-v4-50806f000000-2023");
  const auto outcome = with_set(set).of(evidence_json(set.quote));
  const auto more = verification_claims(std::get<claims::Verified<Attested>>(outcome.value()));
  EXPECT_EQ(json::write(json::Value(more)),
            R"({"tcb_status_platform":"UpToDate","tcb_status_qe":"UpToDate",)"
            R"("collateral_not_yet_issued":true,"td_debug":true,"td_migratable":false})");
}

ByteVec real_log(const char* name) {
  return file_bytes(std::string("src/eventlog/testdata/") + name);
}

std::string with_log(Bytes quote, Bytes log) {
  return "{\"quote\":\"" + codec::base64_encode(quote) + "\",\"cc_eventlog\":\"" +
         codec::base64_encode(log) + "\"}";
}

TEST(EventLog, OfAnotherTdIsRefusedThoughItsClaimsAreReadable) {
  CASE("CPU-82");
  const auto set = vector_set("tdx-v4-50806f000000-2023");
  const json::Value expected =
      json::parse(file_text(vector_path("tdx/parse_tdx_claims_expected.json"))).value();
  const ByteVec bytes = real_log("td_shim.bin");
  const auto log = eventlog::parse(bytes).value();
  EXPECT_EQ(json::Value(eventlog::claims_of(log).value()),
            *expected.as_object()->find("uefi_event_logs"));
  const auto outcome = with_set(set).of(with_log(set.quote, bytes));
  EXPECT_EQ(refusal(outcome), "eventlog.register_mismatch");
  EXPECT_EQ(words(outcome).substr(0, 112),
            "Eventlog does not pass measurement replay CC Event Log Measurement Register [index = "
            "1]. Calculated value: 2dc71");
}

TEST(EventLog, OfTheTdIsClaimed) {
  // The registers of the real quote that belongs to the log, in a quote of our own hierarchy.
  const auto real =
      intel::parse_quote(file_bytes(vector_path("tdx/go-tdx-guest/cos-113-tdx-quote.dat"))).value();
  const intel::TdReport10& report = *real.td_report();
  const IntelBuilder built = IntelBuilder::tdx();
  QuoteBuilder quote = QuoteBuilder::tdx_v4();
  quote.with_body(328, report.rtmr_0).with_body(376, report.rtmr_1);
  quote.with_body(424, report.rtmr_2).with_body(472, report.rtmr_3);
  const Verification v{built.root(),
                       intel::verify_collateral(built.documents(), built.root()).value(),
                       kIntelNow,
                       {}};
  const ByteVec log = real_log("cos_113.bin");
  const json::Object claims = claims_from(v.of(with_log(quote.sign(built.pki), log)));
  ASSERT_NE(claims.find("uefi_event_logs"), nullptr);
  EXPECT_EQ(claims.find("uefi_event_logs")->as_array()->size(), 43U);
  for (const std::size_t rtmr : {328U, 376U, 424U, 472U}) {
    QuoteBuilder changed = quote;
    changed.with_body_byte(rtmr, static_cast<std::uint8_t>(0xEE));
    EXPECT_EQ(refusal(v.of(with_log(changed.sign(built.pki), log))), "eventlog.register_mismatch");
  }
}

TEST(EventLog, ThatIsNoneIsRefused) {
  const IntelBuilder built = IntelBuilder::tdx();
  const Verification v{built.root(),
                       intel::verify_collateral(built.documents(), built.root()).value(),
                       kIntelNow,
                       {}};
  const auto outcome = v.of(with_log(QuoteBuilder::tdx_v4().sign(built.pki), from_hex("00")));
  EXPECT_EQ(refusal(outcome), "eventlog.log_malformed");
  EXPECT_EQ(words(outcome).substr(0, 26), "Parse CC Eventlog failed: ");
}

TEST(Evidence, WithoutTdQuoteIsRefused) {
  CASE("CPU-50");
  EXPECT_EQ(words(parse_evidence(R"({"quote":""})")), "TDX Quote is empty.");
  const auto sgx =
      Verification{}.of(evidence_json(file_bytes(vector_path("sgx/occlum_quote.dat"))));
  EXPECT_EQ(refusal(sgx), "tdx.quote_of_sgx");
  EXPECT_EQ(words(sgx), "expected TDX quote (v4/v5), got SGX quote (v3)");
  for (const char* text : {"", "[]", "{}", R"({"quote":1})", R"({"quote":null})",
                           R"({"quote":"AA==","cc_eventlog":7})"}) {
    EXPECT_EQ(words(parse_evidence(text)), "Deserialize TDX Evidence failed.") << text;
  }
}

TEST(Evidence, OfAnEnclaveOfAnyVersionIsRefused) {
  const IntelBuilder built = IntelBuilder::sgx();
  for (const auto& builder :
       {QuoteBuilder::sgx_v3(), QuoteBuilder::sgx_v4(), QuoteBuilder::sgx_v5()}) {
    EXPECT_EQ(refusal(Verification{}.of(evidence_json(builder.sign(built.pki)))),
              "tdx.quote_of_sgx");
  }
}

TEST(Claims, OfTheExtendedBodyHaveItsMembers) {
  const json::Value claims =
      quote_claims(intel::parse_quote(QuoteBuilder::tdx_v5_15_extended().sign(IntelPki())).value());
  const auto text = [&claims](const std::string& pointer) {
    const json::Value* value = claims.at_pointer(pointer);
    return value == nullptr ? "absent" : *value->as_string();
  };
  EXPECT_EQ(text("/quote/type"), "0400");
  EXPECT_EQ(text("/quote/size"), "75030000");
  EXPECT_EQ(text("/quote/body/mr_servicetd"), std::string(96, '0'));
  EXPECT_EQ(text("/quote/body/vmid"), "71");
  const std::pair<const char*, std::size_t> members[] = {{"td_id", 32},
                                                         {"dev_info", 48},
                                                         {"init_servtd_hash", 48},
                                                         {"init_servtd_attributes", 8},
                                                         {"init_cpusvn", 16},
                                                         {"init_tee_tcb_svn", 16},
                                                         {"init_tee_fmspc", 12},
                                                         {"cur_servtd_hash", 48},
                                                         {"cur_servtd_attributes", 8}};
  std::uint8_t value = 0x72;
  for (const auto& [name, size] : members) {
    EXPECT_EQ(text("/quote/body/" + std::string(name)), codec::hex_encode(ByteVec(size, value++)));
  }
  const json::Value plain =
      quote_claims(intel::parse_quote(QuoteBuilder::tdx_v5_15().sign(IntelPki())).value());
  EXPECT_EQ(plain.at_pointer("/quote/body/vmid"), nullptr);
}

TEST(Evidence, BaseIs64OfTheStandardAlphabetWithPadding) {
  CASE("CPU-52");
  ASSERT_TRUE(parse_evidence(R"({"quote":"+/8="})").ok());
  for (const char* text : {R"({"quote":"+/8"})", R"({"quote":"+/8=\n"})", R"({"quote":"-_8="})",
                           R"({"quote":"+/9="})", R"({"quote":"+/ 8="})"}) {
    EXPECT_EQ(refusal(parse_evidence(text)), "intel.quote_not_base64") << text;
  }
  EXPECT_EQ(refusal(parse_evidence(R"({"quote":"AA==","cc_eventlog":"A"})")),
            "tdx.event_log_not_base64");
}

TEST(Evidence, CutAnywhereItIsNotRead) {
  const std::string json = with_log(QuoteBuilder::tdx_v4().sign(IntelPki()), from_hex("00112233"));
  ASSERT_TRUE(parse_evidence(json).ok());
  EXPECT_EQ(accepted_beginnings(json, parse_evidence), 0U);
}

TEST(Evidence, KeepsItsLimit) {
  const std::string text = R"({"quote":"AA=="})";
  EXPECT_TRUE(parse_evidence(text + std::string(kMaxEvidence - text.size(), ' ')).ok());
  EXPECT_FALSE(parse_evidence(text + std::string(kMaxEvidence - text.size() + 1, ' ')).ok());
}

TEST(Bindings, AreCheckedBeforeAnythingIsFetched) {
  const IntelBuilder built = IntelBuilder::tdx();
  const ByteVec data = from_hex("00112233445566778899");
  const ByteVec other = from_hex("00112233445566778898");
  QuoteBuilder builder = QuoteBuilder::tdx_v4();
  const std::string json =
      evidence_json(builder.with_report_data(data).with_init_data(data).sign(built.pki));
  Verification v{built.root(), nullptr, kIntelNow, {}};
  const auto asks = [&] {
    const auto outcome = v.of(json);
    return outcome.ok() && std::holds_alternative<intel::Needs>(*outcome);
  };
  EXPECT_TRUE(asks());
  v.expected = {Bytes(data), Bytes(data)};
  EXPECT_TRUE(asks());
  v.expected = {Bytes(other), Bytes(data)};
  EXPECT_EQ(words(v.of(json)), "REPORT_DATA is different from that in TDX Quote");
  v.expected = {Bytes(data), Bytes(other)};
  EXPECT_EQ(refusal(v.of(json)), "tdx.mr_config_id_mismatch");
  EXPECT_EQ(words(v.of(json)), "MRCONFIGID is different from that in TDX Quote");
}

TEST(Bindings, ArePaddedWithZerosOrCut) {
  intel::TdReport10 report;
  report.mr_config_id.fill(7);
  const ByteVec longer(64, 7);
  EXPECT_TRUE(check_mr_config_id(report, {std::nullopt, Bytes(longer)}).ok());
  EXPECT_FALSE(check_mr_config_id(report, {std::nullopt, Bytes(longer).first(47)}).ok());
  EXPECT_TRUE(check_mr_config_id(report, {}).ok());
}

}  // namespace
}  // namespace trustee::tdx
