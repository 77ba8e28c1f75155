#include "snp/evidence.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "snp/internal/evidence_readers.h"
#include "snp/snp_test_data.h"

namespace trustee::snp {
namespace {

constexpr const char* kGenoa = "evidence-genoa-e2e.json";

bool malformed(std::string_view json) {
  const auto evidence = parse_evidence(json);
  // Whatever the fast reader accepts, the general one must.
  EXPECT_EQ(evidence.ok(), internal::read_any_shape(json).ok());
  return !evidence.ok() && evidence.error().is(Errc::evidence_malformed);
}

TEST(SnpEvidence, TheFastReaderReadsWhatGuestsSendAndAgreesWithTheGeneralOne) {
  for (const char* name :
       {kGenoa, "derived-evidence-milan-v5-gcp.json", "derived-evidence-milan-v5-gcp-vmpl1.json",
        "derived-evidence-milan-v3-vlek-vmpl1.json", "derived-evidence-milan-v2.json"}) {
    const std::string compact = file_text(snp_vector(name));
    const std::string pretty = json::write_pretty(document(name));
    const std::string sorted = json::write_sorted(document(name));
    for (const std::string& text : {compact, pretty, sorted}) {
      const auto usual = internal::read_usual_shape(text);
      ASSERT_TRUE(usual.has_value()) << name;
      EXPECT_EQ(*usual, internal::read_any_shape(text).value()) << name;
    }
    EXPECT_TRUE(internal::read_usual_shape(with_chain(name, nullptr)).has_value());
    EXPECT_TRUE(internal::read_usual_shape(with_chain(name, json::Array{})).has_value());
  }
}

TEST(SnpEvidence, TheFastReaderLeavesUnusualTextToTheGeneralOne) {
  const std::string good = file_text(snp_vector(kGenoa));
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::string accepted[] = {with("\"vmpl\"", "\"\\u0076mpl\""),
                                  with("{\"att", "{\"x\":1,\"att"),
                                  with("\"VCEK\"", "\"\\u0056CEK\"")};
  const std::string refused[] = {with("\"vmpl\":0", "\"vmpl\":00"),
                                 with("\"vmpl\":0", "\"vmpl\":0.0"),
                                 with("\"vmpl\":0", "\"vmpl\":0e0"),
                                 with("\"vmpl\":0", "\"vmpl\":-0"),
                                 with("\"vmpl\":0", "\"vmpl\":4294967296"),
                                 with("\"vmpl\":0", "\"vmpl\":0,\"vmpl\":0"),
                                 with("\"VCEK\"", "\"vcek\""),
                                 good + "x",
                                 with("}", "")};
  for (const std::string& text : accepted) {
    EXPECT_FALSE(internal::read_usual_shape(text).has_value());
    EXPECT_EQ(parse_evidence(text).value(), parse_evidence(good).value());
  }
  for (const std::string& text : refused) {
    EXPECT_FALSE(internal::read_usual_shape(text).has_value());
    EXPECT_FALSE(parse_evidence(text).ok());
  }
}

TEST(SnpEvidence, RebuildsTheReportByteForByte) {
  const struct {
    const char *json, *bytes;
  } rows[] = {{kGenoa, "evidence-genoa-e2e.report.bin"},
              {"derived-evidence-milan-v5-gcp.json", "gcp/sev-gcp.bin"},
              {"derived-evidence-milan-v5-gcp-vmpl1.json", "gcp/sev-gcp-reportdata.bin"},
              {"derived-evidence-milan-v3-vlek-vmpl1.json", "test-vlek-report.bin"}};
  for (const auto& row : rows) {
    const auto evidence = parse_evidence(file_text(snp_vector(row.json)));
    ASSERT_TRUE(evidence.ok()) << row.json << ": " << evidence.error().to_string();
    const auto bytes = rebuild(std::get<ReportFields>(evidence->report));
    ASSERT_TRUE(bytes.ok()) << bytes.error().to_string();
    EXPECT_EQ(to_vec(*bytes), file_bytes(snp_vector(row.bytes))) << row.json;
  }
}

TEST(SnpEvidence, ReadsTheCertificates) {
  const auto evidence = parse_evidence(file_text(snp_vector(kGenoa))).value();
  ASSERT_TRUE(evidence.cert_chain.has_value());
  ASSERT_EQ(evidence.cert_chain->size(), 1U);
  EXPECT_EQ(evidence.cert_chain->at(0).type, CertificateType::vcek);
  EXPECT_EQ(evidence.cert_chain->at(0).data, file_bytes(snp_vector("evidence-genoa-e2e.vcek.der")));
}

TEST(SnpEvidence, WritesWhatGuestsSend) {
  const auto evidence = parse_evidence(file_text(snp_vector("derived-evidence-milan-v5-gcp.json")));
  const Report report = report_of(*evidence).value();
  EXPECT_EQ(evidence_value(report, evidence->cert_chain),
            document("derived-evidence-milan-v5-gcp.json"));
}

TEST(SnpEvidence, WritingAndReadingReturnsTheSameReport) {
  for (const SnpBuilder& builder : {SnpBuilder::genoa_v3(), SnpBuilder::milan_v4(),
                                    SnpBuilder::milan_v5(), SnpBuilder::turin_v5()}) {
    const Report report = parse_report(builder.sign(snp_test_key())).value();
    const auto evidence = parse_evidence(json::write(evidence_value(report, std::nullopt)));
    ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
    EXPECT_FALSE(evidence->cert_chain.has_value());
    EXPECT_EQ(report_of(*evidence).value().bytes, report.bytes);
  }
}

TEST(SnpEvidence, AReportMayComeAsBase64OfItsBytes) {
  const ByteVec bytes = file_bytes(snp_vector("gcp/sev-gcp.bin"));
  const auto evidence = parse_evidence(snp_raw_evidence(bytes, "", {}));
  ASSERT_TRUE(evidence.ok());
  EXPECT_EQ(to_vec(report_of(*evidence).value().bytes), bytes);
  const auto cut = parse_evidence(snp_raw_evidence(Bytes(bytes).first(1183), "", {}));
  EXPECT_TRUE(report_of(*cut).error().is(Errc::report_malformed));
  EXPECT_TRUE(malformed(R"({"attestation_report":"!"})"));
}

TEST(SnpEvidence, MembersThatTheVersionLacksDoNotReachTheReport) {
  const auto text = with_report_members(
      kGenoa, {{"launch_mit_vector", 255},
               {"current_mit_vector", 255},
               {"reported_tcb",
                json::Object{
                    {"fmc", 99}, {"bootloader", 10}, {"tee", 0}, {"snp", 23}, {"microcode", 25}}}});
  const auto evidence = parse_evidence(text);
  ASSERT_TRUE(evidence.ok());
  EXPECT_EQ(to_vec(report_of(*evidence).value().bytes),
            file_bytes(snp_vector("evidence-genoa-e2e.report.bin")));
}

TEST(SnpEvidence, UnknownMembersAreIgnoredAndOptionalOnesMayBeAbsent) {
  json::Value value = document(kGenoa);
  json::Object& object = *value.as_object();
  object.set("more", json::Array{1, "two"});
  object.remove("cert_chain");
  json::Object& report = *object.find("attestation_report")->as_object();
  report.set("later", true);
  report.find("current_tcb")->as_object()->remove("fmc");
  report.remove("launch_mit_vector");
  const auto evidence = parse_evidence(json::write(value));
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  EXPECT_FALSE(evidence->cert_chain.has_value());
  EXPECT_FALSE(parse_evidence(with_chain(kGenoa, nullptr))->cert_chain.has_value());
  EXPECT_TRUE(parse_evidence(with_chain(kGenoa, json::Array{}))->cert_chain.has_value());
}

TEST(SnpEvidence, EveryOtherMemberIsRequired) {
  const json::Value good = document(kGenoa);
  const json::Object& report = *good.as_object()->find("attestation_report")->as_object();
  for (const json::Member& m : report) {
    if (m.name.starts_with("cpuid_")) continue;
    json::Value value = good;
    value.as_object()->find("attestation_report")->as_object()->remove(m.name);
    EXPECT_TRUE(malformed(json::write(value))) << m.name;
    EXPECT_TRUE(malformed(with_report_members(kGenoa, {{m.name, nullptr}}))) << m.name;
    EXPECT_TRUE(malformed(with_report_members(kGenoa, {{m.name, "x"}}))) << m.name;
  }
  EXPECT_TRUE(malformed("{}"));
  EXPECT_TRUE(malformed("[]"));
  EXPECT_TRUE(malformed(""));
  EXPECT_TRUE(malformed(R"({"attestation_report":null})"));
}

TEST(SnpEvidence, NumbersKeepTheirRange) {
  const auto number = [](const char* name, const char* text) {
    return with_report_members(kGenoa, {{name, json::Number::from_text(text).value()}});
  };
  EXPECT_EQ(std::get<ReportFields>(parse_evidence(number("policy", "18446744073709551615"))->report)
                .policy,
            18446744073709551615ULL);
  EXPECT_TRUE(malformed(number("policy", "18446744073709551616")));
  EXPECT_TRUE(malformed(number("vmpl", "4294967296")));
  EXPECT_TRUE(malformed(number("vmpl", "-1")));
  EXPECT_TRUE(malformed(number("vmpl", "0.0")));
  EXPECT_TRUE(malformed(number("cpuid_step", "256")));
}

TEST(SnpEvidence, ByteArraysHaveExactlyTheirLengthAndBytes) {
  const auto measurement = [](std::size_t n, int last) {
    json::Array array(n, json::Value(0));
    array.back() = last;
    return with_report_members(kGenoa, {{"measurement", array}});
  };
  EXPECT_FALSE(malformed(measurement(48, 255)));
  EXPECT_TRUE(malformed(measurement(47, 0)));
  EXPECT_TRUE(malformed(measurement(49, 0)));
  EXPECT_TRUE(malformed(measurement(48, 256)));
  EXPECT_TRUE(malformed(measurement(48, -1)));
}

TEST(SnpEvidence, CertificateTypesAreTheKnownOnes) {
  const auto chain = [](const json::Value& type) {
    return with_chain(kGenoa, json::Array{json::Object{{"cert_type", type}, {"data", {}}}});
  };
  const auto entry = [](const json::Value& type) {
    return with_chain(kGenoa,
                      json::Array{json::Object{{"cert_type", type}, {"data", json::Array{48}}}});
  };
  for (const char* name : {"Empty", "ARK", "ASK", "VCEK", "VLEK", "CRL"}) {
    EXPECT_TRUE(parse_evidence(entry(name)).ok()) << name;
  }
  EXPECT_TRUE(parse_evidence(entry(json::Object{{"OTHER", "6f2b"}})).ok());
  EXPECT_TRUE(malformed(entry("vcek")));
  EXPECT_TRUE(malformed(entry("OTHER")));
  EXPECT_TRUE(malformed(entry(json::Object{{"VCEK", "x"}})));
  EXPECT_TRUE(malformed(entry(7)));
  EXPECT_TRUE(malformed(chain("VCEK"))) << "data is null";
}

TEST(SnpEvidence, LimitsHoldAndOnePastIsRefused) {
  const auto chain = [](std::size_t entries, std::size_t bytes) {
    const json::Object entry{{"cert_type", "Empty"}, {"data", json::Array(bytes, json::Value(1))}};
    return with_chain(kGenoa, json::Array(entries, json::Value(entry)));
  };
  EXPECT_FALSE(malformed(chain(kMaxCertificates, 1)));
  EXPECT_TRUE(malformed(chain(kMaxCertificates + 1, 1)));
  EXPECT_FALSE(malformed(chain(1, kMaxCertificateSize)));
  EXPECT_TRUE(malformed(chain(1, kMaxCertificateSize + 1)));
  std::string text = file_text(snp_vector(kGenoa));
  text.resize(kMaxEvidence, ' ');
  EXPECT_FALSE(malformed(text));
  text.push_back(' ');
  EXPECT_TRUE(malformed(text));
}

TEST(SnpEvidence, RepeatedMembersAreRefused) {
  std::string text = file_text(snp_vector(kGenoa));
  text.insert(text.find("\"vmpl\""), "\"vmpl\":1,");
  EXPECT_TRUE(malformed(text));
}

}  // namespace
}  // namespace trustee::snp
