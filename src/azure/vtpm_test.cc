#include "azure/vtpm.h"

#include <gtest/gtest.h>

#include "azure/azure_test_data.h"
#include "azure/errors.h"
#include "codec/hex.h"
#include "tests/support/case.h"
#include "tests/support/flipped.h"
#include "tests/support/hcl_builder.h"
#include "tpm/errors.h"

namespace trustee::azure {
namespace {

using T = tpm::Errc;

const ByteVec& challenge() {
  static const ByteVec bytes = to_vec(as_bytes("challenge"));
  return bytes;
}
claims::Expected bound() { return {Bytes(challenge()), std::nullopt}; }

std::string real_tdx(const char* version) {
  return file_text(data_file("tdx-evidence-" + std::string(version) + ".json"));
}

/// Evidence of the builders: everything but a hardware report that proves something.
struct Parts {
  TpmQuoteBuilder quote = TpmQuoteBuilder().with_nonce(challenge());
  HclBuilder hcl = HclBuilder(test_rsa_ak().public_key());
  std::uint32_t type = 2;
  unsigned version = 2;

  Evidence evidence() const {
    const ByteVec hardware(kHardwareReportSize, 0);
    const ByteVec endorsement = {1, 2, 3};
    return parse_evidence(azure_evidence(version, quote, test_rsa_ak(), hcl.report(type, hardware),
                                         "vcek", endorsement),
                          kSnpMembers)
        .value();
  }
  Result<void> checked(const Policy& policy = {}) const {
    const Evidence made = evidence();
    auto part = check_vtpm(made, bound(), Hardware::snp, policy);
    if (!part.ok()) return std::move(part).error();
    return {};
  }
};

TEST(AzureEvidence, IsReadInAllVersions) {
  const Evidence v0 = parse_evidence(real_tdx("v0"), kTdxMembers).value();
  const Evidence v1 = parse_evidence(real_tdx("v1"), kTdxMembers).value();
  EXPECT_EQ(v0.version, 0U);
  EXPECT_EQ(v1.version, 1U);
  for (const Evidence* e : {&v0, &v1}) {
    EXPECT_EQ(e->hcl_report.size(), 2600U);
    EXPECT_EQ(e->endorsement.size(), 5006U);
    EXPECT_EQ(e->quote.signature.size(), 256U);
  }
  EXPECT_EQ(Parts().evidence().version, 2U);
  EXPECT_EQ(Parts().evidence().endorsement, (ByteVec{1, 2, 3}));
}

TEST(AzureEvidence, OfAnUnknownVersionOrShapeIsRefused) {
  CASE("CPU-90");
  for (const char* version : {"0", "3", "4294967297", "-1", "1.0", "\"2\"", "null"}) {
    std::string json = real_tdx("v1");
    json.insert(1, "\"version\":" + std::string(version) + ",");
    const auto without = json.find("\"version\"", 12);
    ASSERT_NE(without, std::string::npos);
    const auto end = json.find_first_of(",}", without);
    json.replace(without, end - without, "\"other\":0");
    const auto refused = parse_evidence(json, kTdxMembers);
    ASSERT_TRUE(fails_with(refused, Errc::evidence_malformed)) << version;
    EXPECT_EQ(upstream_text(refused.error().code()),
              "data did not match any variant of untagged enum Evidence");
  }
  for (const char* text : {"", "[]", "{}", R"({"version":2})", R"({"version":1,"tpm_quote":{}})"}) {
    EXPECT_TRUE(fails_with(parse_evidence(text, kSnpMembers), Errc::evidence_malformed)) << text;
  }
  EXPECT_TRUE(fails_with(parse_evidence(real_tdx("v1"), kSnpMembers), Errc::evidence_malformed));
  std::string large = real_tdx("v1");
  large.resize(kMaxEvidence, ' ');
  EXPECT_TRUE(parse_evidence(large, kTdxMembers).ok());
  large.push_back(' ');
  EXPECT_TRUE(fails_with(parse_evidence(large, kTdxMembers), Errc::evidence_malformed));
}

TEST(AzureVtpm, OfARealTdxMachineHolds) {
  for (const char* version : {"v0", "v1"}) {
    const Evidence evidence = parse_evidence(real_tdx(version), kTdxMembers).value();
    const auto part = check_vtpm(evidence, bound(), Hardware::tdx, {});
    ASSERT_TRUE(part.ok()) << part.error().to_string();
    json::Object claims{{"init_data", "of the hardware"}};
    add_vtpm_claims(claims, evidence.quote.pcrs, part->quote.extra_data);
    EXPECT_EQ(claims.find("tpm")->as_object()->find("pcr00")->as_string()->substr(0, 8),
              "782b20b1");
    EXPECT_EQ(*claims.find("report_data"), json::Value("6368616c6c656e6765"));
    EXPECT_EQ(*claims.find("init_data"), *claims.find("tpm")->as_object()->find("pcr08"));
  }
}

TEST(AzureVtpm, OfARealSnpMachineHolds) {
  CASE("CPU-92");
  json::Value quote = json::parse(file_text(data_file("snp-tpm-quote.json"))).value();
  const auto evidence_with = [&](const json::Value& q) {
    Evidence evidence;
    evidence.hcl_report = file_bytes(data_file("snp-hcl-report.bin"));
    const auto bytes = [&q](std::string_view pointer) {
      return codec::hex_decode(*q.at_pointer(pointer)->as_string()).value();
    };
    evidence.quote.signature = bytes("/signature");
    evidence.quote.message = bytes("/message");
    std::vector<ByteVec> pcrs;
    for (std::size_t i = 0; i < 24; ++i) pcrs.push_back(bytes("/pcrs/" + std::to_string(i)));
    evidence.quote.pcrs = tpm::pcrs_of(pcrs).value();
    return evidence;
  };
  const Evidence real = evidence_with(quote);
  EXPECT_TRUE(check_vtpm(real, bound(), Hardware::snp, {}).ok());

  Evidence changed = real;
  changed.quote.signature[10] ^= 1U;
  auto refused = check_vtpm(changed, bound(), Hardware::snp, {});
  ASSERT_TRUE(fails_with(refused, Errc::quote_not_signed_by_ak));
  EXPECT_EQ(upstream_text(refused.error().code()), "vTPM quote is not signed by AKpub");
  changed = real;
  changed.quote.pcrs[0][0] ^= 1U;
  EXPECT_TRUE(fails_with(check_vtpm(changed, bound(), Hardware::snp, {}), T::pcr_digest_mismatch));
  const ByteVec reversed(challenge().rbegin(), challenge().rend());
  EXPECT_TRUE(fails_with(check_vtpm(real, {Bytes(reversed), std::nullopt}, Hardware::snp, {}),
                         T::nonce_mismatch));
}

TEST(AzureVtpm, EveryFlippedBitOfTheRealQuoteIsRefused) {
  const Evidence whole = parse_evidence(real_tdx("v1"), kTdxMembers).value();
  for (std::size_t bit = 0; bit < whole.quote.message.size() * 8; ++bit) {
    Evidence changed = whole;
    changed.quote.message = flipped(whole.quote.message, bit);
    EXPECT_TRUE(
        fails_with(check_vtpm(changed, bound(), Hardware::tdx, {}), Errc::quote_not_signed_by_ak));
  }
  for (std::size_t bit = 0; bit < whole.quote.signature.size() * 8; ++bit) {
    Evidence changed = whole;
    changed.quote.signature = flipped(whole.quote.signature, bit);
    EXPECT_TRUE(
        fails_with(check_vtpm(changed, bound(), Hardware::tdx, {}), Errc::quote_not_signed_by_ak));
  }
  for (std::size_t bit = 0; bit < 24 * 256; ++bit) {
    Evidence changed = whole;
    changed.quote.pcrs[bit / 256][bit % 256 / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_TRUE(
        fails_with(check_vtpm(changed, bound(), Hardware::tdx, {}), T::pcr_digest_mismatch));
  }
}

TEST(AzureVtpm, CutOrLongerPartsOfTheRealQuoteAreRefused) {
  const Evidence whole = parse_evidence(real_tdx("v1"), kTdxMembers).value();
  const auto accepted = [](const Evidence& evidence) {
    return check_vtpm(evidence, bound(), Hardware::tdx, {}).ok();
  };
  ASSERT_TRUE(accepted(whole));
  for (std::size_t size = 0; size < whole.quote.message.size(); ++size) {
    Evidence changed = whole;
    changed.quote.message.resize(size);
    EXPECT_FALSE(accepted(changed)) << size;
  }
  for (std::size_t size = 0; size < whole.quote.signature.size(); ++size) {
    Evidence changed = whole;
    changed.quote.signature.resize(size);
    EXPECT_FALSE(accepted(changed)) << size;
  }
  Evidence longer = whole;
  longer.quote.message.push_back(0);
  EXPECT_FALSE(accepted(longer));
  longer = whole;
  longer.quote.signature.push_back(0);
  EXPECT_FALSE(accepted(longer));
}

TEST(AzureEvidence, CutAnywhereItIsNotRead) {
  const auto read = [](std::string_view text) { return parse_evidence(text, kTdxMembers); };
  const std::string v1 = real_tdx("v1");
  ASSERT_TRUE(read(v1).ok());
  EXPECT_EQ(accepted_beginnings(v1.substr(0, v1.rfind('}') + 1), read), 0U);
}

TEST(AzureVtpm, NeedsReportData) {
  CASE("CPU-89");
  const auto refused = check_vtpm(Parts().evidence(), {}, Hardware::snp, {});
  ASSERT_TRUE(fails_with(refused, Errc::report_data_missing));
  EXPECT_EQ(upstream_text(refused.error().code()), "unexpected empty report data");
}

TEST(AzureVtpm, ASelectionThatIsNotAllOfTheBankIsRefused) {
  CASE("CPU-93");
  Parts parts;
  EXPECT_TRUE(parts.checked().ok());
  parts.quote.with_selections({{0x000B, {0xFF, 0x40, 0x00}}});
  EXPECT_TRUE(fails_with(parts.checked(), T::pcr_selection_mismatch));
}

TEST(AzureVtpm, AReportOfTheOtherHardwareIsRefused) {
  Parts parts;
  parts.type = 4;
  EXPECT_TRUE(fails_with(parts.checked(), Errc::hcl_report_type_mismatch));
}

TEST(AzureVtpm, TheOperatorSetsTheLowestVersion) {
  Parts parts;
  for (unsigned minimum = 0; minimum <= 2; ++minimum) {
    for (unsigned version = 1; version <= 2; ++version) {
      parts.version = version;
      const auto checked = parts.checked({minimum});
      if (version >= minimum) {
        EXPECT_TRUE(checked.ok()) << version << minimum;
      } else {
        EXPECT_TRUE(fails_with(checked, Errc::evidence_version_too_old));
      }
    }
  }
  const Evidence v0 = parse_evidence(real_tdx("v0"), kTdxMembers).value();
  EXPECT_TRUE(
      fails_with(check_vtpm(v0, bound(), Hardware::tdx, {1}), Errc::evidence_version_too_old));
}

TEST(AzureUserData, BeginWithTheReportDataFromVersion2On) {
  Parts parts;
  const auto check = [&parts](const claims::Expected& expected = bound()) {
    const Evidence evidence = parts.evidence();
    const HclReport hcl = parse_hcl_report(evidence.hcl_report).value();
    return check_user_data(evidence, parse_variable_data(hcl.variable_data).value(), expected);
  };
  EXPECT_TRUE(fails_with(check(), Errc::user_data_mismatch));
  parts.version = 1;
  EXPECT_TRUE(check().ok());
  parts.version = 2;
  parts.hcl.with_user_data(challenge());
  EXPECT_TRUE(check().ok());
  const ByteVec longer(65, 1);  // upstream panics: longer than the user data
  EXPECT_TRUE(fails_with(check({Bytes(longer), std::nullopt}), Errc::user_data_mismatch));
  EXPECT_TRUE(fails_with(check({}), Errc::report_data_missing));
  for (const char* text : {"6368616C6C656E6766", "6368616C6C656E67", "", "6", "xy"}) {
    parts.hcl.with_user_data_text(text);
    EXPECT_TRUE(fails_with(check(), Errc::user_data_mismatch)) << text;
  }
  parts.hcl.with_user_data_text("6368616c6C656e6765");  // letters of either case
  EXPECT_TRUE(check().ok());
  parts.hcl.without_user_data();
  EXPECT_TRUE(fails_with(check(), Errc::user_data_mismatch));
}

TEST(AzureInitData, IsComparedWithPcr8) {
  CASE("CPU-95");
  Parts parts;
  const ByteVec hash(32, 0x11);
  parts.quote.with_init_data(hash);
  const Evidence evidence = parts.evidence();
  EXPECT_TRUE(check_init_data(evidence, {std::nullopt, Bytes(hash)}).ok());
  EXPECT_TRUE(check_init_data(evidence, {}).ok());
  const ByteVec other(32, 0x12);
  auto refused = check_init_data(evidence, {std::nullopt, Bytes(other)});
  ASSERT_TRUE(fails_with(refused, Errc::init_data_mismatch));
  EXPECT_EQ(upstream_text(refused.error().code()),
            "Expected init_data digest is different from the content of PCR8");
  const ByteVec longer(48, 0x11);  // upstream panics
  EXPECT_TRUE(fails_with(check_init_data(evidence, {std::nullopt, Bytes(longer)}),
                         Errc::init_data_mismatch));
}

}  // namespace
}  // namespace trustee::azure
