#include "intel/quote.h"

#include <gtest/gtest.h>

#include "intel/intel_test_data.h"

namespace trustee::intel {
namespace {

ByteVec quote_bytes(const std::string& name) { return file_bytes(vector_path(name)); }

std::string why(const Result<Quote>& quote) {
  return quote.ok() ? "accepted" : quote.error().detail();
}

TEST(ParseQuote, KnowsTheThreeVersions) {
  CASE("CPU-41");
  const auto sgx = parse_quote(quote_bytes("sgx/occlum_quote.dat"));
  ASSERT_TRUE(sgx.ok()) << sgx.error().to_string();
  EXPECT_EQ(sgx->version(), 3);
  EXPECT_EQ(sgx->tee(), TeeType::sgx);
  ASSERT_NE(sgx->enclave_report(), nullptr);
  EXPECT_EQ(sgx->td_report(), nullptr);
  EXPECT_EQ(sgx->signed_bytes().size(), 48U + 384U);
  const auto v4 = parse_quote(quote_bytes("tdx/tdx_quote_4.dat"));
  ASSERT_TRUE(v4.ok()) << v4.error().to_string();
  EXPECT_EQ(v4->version(), 4);
  EXPECT_EQ(v4->tee(), TeeType::tdx);
  EXPECT_EQ(v4->td_report_15(), nullptr);
  EXPECT_EQ(codec::hex_encode(Bytes(v4->td_report()->tee_tcb_svn).first(4)), "03000500");
  EXPECT_EQ(codec::hex_encode(v4->td_report()->td_attributes), "0100001000000000");
  const auto v5 = parse_quote(quote_bytes("tdx/tdx_quote_5.dat"));
  ASSERT_TRUE(v5.ok()) << v5.error().to_string();
  EXPECT_EQ(v5->version(), 5);
  const auto& body = std::get<TdxQuoteV5>(v5->versioned);
  EXPECT_EQ(codec::hex_encode(body.descriptor.type), "0300");
  EXPECT_EQ(codec::hex_encode(body.descriptor.size), "88020000");
  EXPECT_NE(v5->td_report_15(), nullptr);
  EXPECT_EQ(v5->signed_bytes().size(), 54U + 648U);
}

TEST(ParseQuote, ReadsEnclavesInEveryVersion) {
  const IntelPki pki = IntelPki::processor();
  const ByteVec data = from_hex("0102030405");
  const struct {
    QuoteBuilder builder;
    std::uint16_t version;
    std::size_t body;
  } rows[] = {{QuoteBuilder::sgx_v3(), 3, 48},
              {QuoteBuilder::sgx_v4(), 4, 48},
              {QuoteBuilder::sgx_v5(), 5, 54}};
  for (const auto& row : rows) {
    QuoteBuilder builder = row.builder;
    const auto quote = parse_quote(builder.with_report_data(data).with_init_data(data).sign(pki));
    ASSERT_TRUE(quote.ok()) << quote.error().to_string();
    EXPECT_EQ(quote->version(), row.version);
    EXPECT_EQ(quote->tee(), TeeType::sgx);
    EXPECT_EQ(quote->td_report(), nullptr);
    ASSERT_NE(quote->enclave_report(), nullptr);
    EXPECT_EQ(quote->enclave_report()->report_data, regularised<64>(data));
    EXPECT_EQ(quote->enclave_report()->config_id, regularised<64>(data));
    EXPECT_EQ(quote->enclave_report()->mr_enclave, (regularised<32>(ByteVec(32, 0xEC))));
    EXPECT_TRUE(equal(quote->signed_bytes(), builder.signed_part()));
    EXPECT_EQ(quote->signed_bytes().size(), row.body + 384);
    EXPECT_EQ(quote->descriptor() != nullptr, row.version == 5);
  }
  const auto v5 = parse_quote(QuoteBuilder::sgx_v5().sign(pki)).value();
  EXPECT_EQ(codec::hex_encode(v5.descriptor()->type), "0100");
  EXPECT_EQ(codec::hex_encode(v5.descriptor()->size), "80010000");
}

TEST(ParseQuote, ReadsTheExtendedTdReport) {
  CASE("CPU-49");
  const IntelPki pki;
  const auto quote = parse_quote(QuoteBuilder::tdx_v5_15_extended().sign(pki));
  ASSERT_TRUE(quote.ok()) << quote.error().to_string();
  ASSERT_NE(quote->td_report_15_extended(), nullptr);
  const TdReport15Extended& report = *quote->td_report_15_extended();
  EXPECT_EQ(quote->td_report_15(), &report.base);
  EXPECT_EQ(quote->td_report(), &report.base.base);
  EXPECT_EQ(quote->signed_bytes().size(), 54U + 885U);
  EXPECT_EQ(codec::hex_encode(report.vmid), "71");
  EXPECT_EQ(report.td_id, (regularised<32>(ByteVec(32, 0x72))));
  EXPECT_EQ(report.dev_info, (regularised<48>(ByteVec(48, 0x73))));
  EXPECT_EQ(report.init_servtd_hash, (regularised<48>(ByteVec(48, 0x74))));
  EXPECT_EQ(report.init_servtd_attributes, (regularised<8>(ByteVec(8, 0x75))));
  EXPECT_EQ(report.init_cpusvn, (regularised<16>(ByteVec(16, 0x76))));
  EXPECT_EQ(report.init_tee_tcb_svn, (regularised<16>(ByteVec(16, 0x77))));
  EXPECT_EQ(report.init_tee_fmspc, (regularised<12>(ByteVec(12, 0x78))));
  EXPECT_EQ(report.cur_servtd_hash, (regularised<48>(ByteVec(48, 0x79))));
  EXPECT_EQ(report.cur_servtd_attributes, (regularised<8>(ByteVec(8, 0x7A))));
}

TEST(ParseQuote, ReadsWhatTheBuilderWrote) {
  const IntelPki pki;
  const ByteVec data = from_hex("0102030405");
  for (const auto& builder : {QuoteBuilder::tdx_v4(), QuoteBuilder::tdx_v5_10(),
                              QuoteBuilder::tdx_v5_15(), QuoteBuilder::tdx_v5_15_extended()}) {
    QuoteBuilder changed = builder;
    const ByteVec bytes = changed.with_report_data(data).with_init_data(data).sign(pki);
    const auto quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().to_string();
    EXPECT_EQ(quote->td_report()->report_data, regularised<64>(data));
    EXPECT_EQ(quote->td_report()->mr_config_id, regularised<48>(data));
    EXPECT_EQ(quote->td_report()->rtmr_3, (regularised<48>(ByteVec(48, 0x53))));
    EXPECT_TRUE(equal(quote->signed_bytes(), changed.signed_part()));
    EXPECT_EQ(as_text(quote->pck_chain()).substr(0, 27), "-----BEGIN CERTIFICATE-----");
    EXPECT_EQ(quote->bytes, bytes);
  }
}

TEST(ParseQuote, RefusesOtherCertificationData) {
  CASE("CPU-45");
  const auto ppid = parse_quote(quote_bytes("sgx/intel-qvl-sample/quote.dat"));
  EXPECT_EQ(refusal(ppid), "intel.certification_data_ppid");
  EXPECT_EQ(why(ppid), "expected cert chain type 5, got 1");
  const IntelPki pki;
  const std::pair<std::uint16_t, const char*> rows[] = {
      {0, "intel.certification_data_unsupported"},
      {1, "intel.certification_data_ppid"},
      {2, "intel.certification_data_ppid"},
      {3, "intel.certification_data_ppid"},
      {4, "intel.certification_data_leaf_only"},
      {6, "intel.certification_data_nested"},
      {7, "intel.certification_data_platform_manifest"},
      {8, "intel.certification_data_unsupported"},
      {0xFFFF, "intel.certification_data_unsupported"},
  };
  for (const auto& builder :
       {QuoteBuilder::sgx_v3(), QuoteBuilder::sgx_v4(), QuoteBuilder::sgx_v5(),
        QuoteBuilder::tdx_v4(), QuoteBuilder::tdx_v5_15()}) {
    for (const auto& [type, code] : rows) {
      QuoteBuilder other = builder;
      const auto quote = parse_quote(other.with_certification_of(type, pki).sign(pki));
      EXPECT_EQ(refusal(quote), code) << type;
      EXPECT_EQ(why(quote), "expected cert chain type 5, got " + std::to_string(type));
      EXPECT_EQ(upstream_text(quote.error()), why(quote));
    }
    QuoteBuilder same = builder;
    EXPECT_TRUE(parse_quote(same.with_certification_of(5, pki).sign(pki)).ok());
  }
  ByteVec outer = QuoteBuilder::tdx_v4().sign(pki);
  outer.at(48 + 584 + 4 + 128) = 5;
  EXPECT_EQ(why(parse_quote(outer)), "expected cert data type 6, got 5");
}

TEST(ParseQuote, RefusesUnknownVersionsAndKeyTypes) {
  CASE("CPU-47");
  const IntelPki pki;
  const auto version = parse_quote(QuoteBuilder::tdx_v4().with_header_byte(0, 6).sign(pki));
  EXPECT_EQ(refusal(version), "intel.quote_version_unsupported");
  EXPECT_EQ(why(version), "unsupported quote version 6 / tee_type 0x00000081");
  const auto key = parse_quote(QuoteBuilder::tdx_v4().with_header_byte(2, 3).sign(pki));
  EXPECT_EQ(refusal(key), "intel.attestation_key_type_unsupported");
  EXPECT_EQ(why(key), "unsupported att_key_type 3, expected 2 (ECDSA-256-with-P-256)");
  EXPECT_EQ(why(parse_quote(QuoteBuilder::tdx_v4().with_header_byte(4, 1).sign(pki))),
            "unsupported quote version 4 / tee_type 0x00000001");
  for (const std::uint8_t old : std::initializer_list<std::uint8_t>{0, 1, 2, 6, 255}) {
    EXPECT_EQ(refusal(parse_quote(QuoteBuilder::sgx_v3().with_header_byte(0, old).sign(pki))),
              "intel.quote_version_unsupported");
    EXPECT_EQ(refusal(parse_quote(QuoteBuilder::tdx_v4().with_header_byte(0, old).sign(pki))),
              "intel.quote_version_unsupported");
  }
  EXPECT_EQ(why(parse_quote(QuoteBuilder::sgx_v3().with_header_byte(4, 0x81).sign(pki))),
            "unsupported quote version 3 / tee_type 0x00000081");
  EXPECT_EQ(refusal(parse_quote(QuoteBuilder::tdx_v4().with_header_byte(12, 0).sign(pki))),
            "intel.qe_vendor_unknown");
}

TEST(ParseQuote, AShortVersion5IsAnErrorNotACrash) {
  CASE("CPU-48");
  const ByteVec whole = quote_bytes("tdx/tdx_quote_5.dat");
  const ByteVec enclave = QuoteBuilder::sgx_v5().sign(IntelPki());
  for (std::size_t size = 48; size < 54; ++size) {
    EXPECT_EQ(refusal(parse_quote(Bytes(whole).first(size))), "intel.quote_malformed");
    EXPECT_EQ(refusal(parse_quote(Bytes(enclave).first(size))), "intel.quote_malformed");
  }
}

TEST(ParseQuote, RefusesUnknownBodyTypesAndWrongSizes) {
  ByteVec quote = quote_bytes("tdx/tdx_quote_5.dat");
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0, 5, 255}) {
    quote[48] = type;
    EXPECT_EQ(refusal(parse_quote(quote)), "intel.body_type_unsupported");
    EXPECT_EQ(why(parse_quote(quote)),
              "parse QuoteV5 Type failed. " + std::to_string(type) + " not defined.");
  }
  quote[48] = 3;
  quote[49] = 1;
  EXPECT_EQ(refusal(parse_quote(quote)), "intel.body_type_unsupported");
  quote[49] = 0;
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{2, 4}) {
    quote[48] = type;  // of another size
    EXPECT_EQ(refusal(parse_quote(quote)), "intel.quote_malformed");
  }
  quote[48] = 3;
  quote[50] = 0x48;
  EXPECT_EQ(refusal(parse_quote(quote)), "intel.quote_malformed");
  quote[50] = 0x88;
  EXPECT_TRUE(parse_quote(quote).ok());
}

TEST(ParseQuote, RefusesTheBodyOfTheOtherTee) {
  const IntelPki pki;
  const auto td = parse_quote(QuoteBuilder::tdx_v5_15().with_descriptor_byte(0, 1).sign(pki));
  EXPECT_EQ(refusal(td), "intel.body_type_of_other_tee");
  EXPECT_EQ(upstream_text(td.error()), "parse QuoteV5 Type failed. 1 not defined.");
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{2, 3, 4}) {
    EXPECT_EQ(refusal(parse_quote(QuoteBuilder::sgx_v5().with_descriptor_byte(0, type).sign(pki))),
              "intel.body_type_of_other_tee");
  }
  EXPECT_EQ(refusal(parse_quote(QuoteBuilder::sgx_v5().with_header_byte(4, 0x81).sign(pki))),
            "intel.body_type_of_other_tee");
  EXPECT_EQ(refusal(parse_quote(QuoteBuilder::tdx_v5_15().with_header_byte(4, 0).sign(pki))),
            "intel.body_type_of_other_tee");
}

TEST(ParseQuote, EveryTruncationIsRefused) {
  const IntelPki pki;
  const ByteVec quotes[] = {quote_bytes("sgx/occlum_quote.dat"),
                            QuoteBuilder::sgx_v4().sign(pki),
                            QuoteBuilder::sgx_v5().sign(pki),
                            quote_bytes("tdx/tdx_quote_4.dat"),
                            quote_bytes("tdx/tdx_quote_5.dat"),
                            QuoteBuilder::tdx_v5_10().sign(pki),
                            QuoteBuilder::tdx_v5_15_extended().sign(pki)};
  for (const ByteVec& whole : quotes) {
    ASSERT_TRUE(parse_quote(whole).ok());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ASSERT_FALSE(parse_quote(Bytes(whole).first(size)).ok()) << "cut to " << size;
    }
  }
}

TEST(ParseQuote, PassesOverWhatFollowsTheSignatureSection) {
  ByteVec quote = quote_bytes("tdx/tdx_quote_4.dat");
  const auto plain = parse_quote(quote);
  quote.insert(quote.end(), 3065, 0xEE);
  const auto padded = parse_quote(quote);
  ASSERT_TRUE(padded.ok());
  EXPECT_EQ(padded->bytes, plain->bytes);
  EXPECT_EQ(parse_quote(quote_bytes("tdx/tdx_quote_6.dat"))->bytes.size(), 5006U - 70U);
}

TEST(ParseQuote, InnerLengthsMustFillTheOuterOnes) {
  const IntelPki pki;
  const ByteVec good = QuoteBuilder::tdx_v4().sign(pki);
  constexpr std::size_t kSection = 48 + 584;
  constexpr std::size_t kOuter = kSection + 4 + 128 + 2;
  constexpr std::size_t kAuth = kOuter + 4 + 384 + 64;
  constexpr std::size_t kInner = kAuth + 2 + 32 + 2;
  for (const std::size_t at : {kSection, kOuter, kAuth, kInner}) {
    for (const int step : {-1, 1}) {
      ByteVec quote = good;
      quote.push_back(0);
      quote[at] = static_cast<std::uint8_t>(quote[at] + step);
      EXPECT_FALSE(parse_quote(quote).ok()) << at << " " << step;
    }
  }
  for (const std::size_t at : {kSection + 3, kOuter + 3, kAuth + 1, kInner + 3}) {
    ByteVec quote = good;
    quote[at] = 0xFF;
    EXPECT_FALSE(parse_quote(quote).ok()) << at;
  }
}

TEST(ParseQuote, KeepsItsLimits) {
  const IntelPki pki;
  const std::string at_limit(kMaxCertificationData, 'x');
  EXPECT_TRUE(parse_quote(QuoteBuilder::tdx_v4().with_certification_data(at_limit).sign(pki)).ok());
  EXPECT_EQ(refusal(parse_quote(
                QuoteBuilder::tdx_v4().with_certification_data(at_limit + 'x').sign(pki))),
            "intel.quote_malformed");
  EXPECT_TRUE(parse_quote(QuoteBuilder::tdx_v4().with_qe_auth_data(kMaxQeAuthData).sign(pki)).ok());
  EXPECT_EQ(
      refusal(parse_quote(QuoteBuilder::tdx_v4().with_qe_auth_data(kMaxQeAuthData + 1).sign(pki))),
      "intel.quote_malformed");
  EXPECT_TRUE(parse_quote(QuoteBuilder::tdx_v4().with_qe_auth_data(0).sign(pki)).ok());
  ByteVec large = quote_bytes("tdx/tdx_quote_4.dat");
  large.resize(kMaxQuote, 0);
  EXPECT_TRUE(parse_quote(large).ok());
  large.push_back(0);
  EXPECT_FALSE(parse_quote(large).ok());
}

TEST(ParseEnclaveReport, Has384Bytes) {
  EXPECT_TRUE(parse_enclave_report(ByteVec(384, 0)).ok());
  EXPECT_FALSE(parse_enclave_report(ByteVec(383, 0)).ok());
  EXPECT_FALSE(parse_enclave_report(ByteVec(385, 0)).ok());
}

}  // namespace
}  // namespace trustee::intel
