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
  EXPECT_EQ(codec::hex_encode(body.type), "0300");
  EXPECT_EQ(codec::hex_encode(body.size), "88020000");
  EXPECT_NE(v5->td_report_15(), nullptr);
  EXPECT_EQ(v5->signed_bytes().size(), 54U + 648U);
}

TEST(ParseQuote, ReadsWhatTheBuilderWrote) {
  const IntelPki pki;
  const ByteVec data = from_hex("0102030405");
  for (const auto& builder :
       {QuoteBuilder::tdx_v4(), QuoteBuilder::tdx_v5_10(), QuoteBuilder::tdx_v5_15()}) {
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
  EXPECT_EQ(refusal(ppid), "intel.certification_data_unsupported");
  EXPECT_EQ(why(ppid), "expected cert chain type 5, got 1");
  const IntelPki pki;
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{0, 2, 3, 4, 6, 7, 0xFFFF}) {
    const auto quote = parse_quote(QuoteBuilder::tdx_v4().with_certification_type(type).sign(pki));
    EXPECT_EQ(why(quote), "expected cert chain type 5, got " + std::to_string(type));
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
  EXPECT_EQ(why(parse_quote(QuoteBuilder::tdx_v4().with_header_byte(4, 0).sign(pki))),
            "unsupported quote version 4 / tee_type 0x00000000");
  EXPECT_EQ(why(parse_quote(QuoteBuilder::sgx_v3().with_header_byte(4, 0x81).sign(pki))),
            "unsupported quote version 3 / tee_type 0x00000081");
  EXPECT_EQ(refusal(parse_quote(QuoteBuilder::tdx_v4().with_header_byte(12, 0).sign(pki))),
            "intel.qe_vendor_unknown");
}

TEST(ParseQuote, AShortVersion5IsAnErrorNotACrash) {
  CASE("CPU-48");
  const ByteVec whole = quote_bytes("tdx/tdx_quote_5.dat");
  for (std::size_t size = 48; size < 54; ++size) {
    EXPECT_EQ(refusal(parse_quote(Bytes(whole).first(size))), "intel.quote_malformed");
  }
}

TEST(ParseQuote, RefusesUnknownBodyTypesAndWrongSizes) {
  CASE("CPU-49");
  ByteVec quote = quote_bytes("tdx/tdx_quote_5.dat");
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0, 1, 4, 5}) {
    quote[48] = type;
    EXPECT_EQ(refusal(parse_quote(quote)), "intel.body_type_unsupported");
    EXPECT_EQ(why(parse_quote(quote)),
              "parse QuoteV5 Type failed. " + std::to_string(type) + " not defined.");
  }
  quote[48] = 3;
  quote[50] = 0x48;
  EXPECT_EQ(refusal(parse_quote(quote)), "intel.quote_malformed");
  quote[50] = 0x88;
  EXPECT_TRUE(parse_quote(quote).ok());
}

TEST(ParseQuote, EveryTruncationIsRefused) {
  for (const char* name : {"sgx/occlum_quote.dat", "tdx/tdx_quote_4.dat", "tdx/tdx_quote_5.dat"}) {
    const ByteVec whole = quote_bytes(name);
    ASSERT_TRUE(parse_quote(whole).ok());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ASSERT_FALSE(parse_quote(Bytes(whole).first(size)).ok()) << name << " cut to " << size;
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
  EXPECT_FALSE(
      parse_quote(QuoteBuilder::tdx_v4().with_certification_data(at_limit + 'x').sign(pki)).ok());
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
