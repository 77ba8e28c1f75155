#include "intel/pcs.h"

#include <gtest/gtest.h>

#include "codec/json_compact.h"
#include "intel/errors.h"
#include "intel/pcs_file.h"
#include "tests/support/file_bytes.h"

namespace trustee::intel {
namespace {

const Fmspc kFmspc = {0x90, 0xc0, 0x6f, 0, 0, 0};

TEST(PcsWords, AreThoseOfIntelsService) {
  const PcsWords words = PcsWords::create(kPcsDefaultUrl).value();
  EXPECT_TRUE(words.is_intel());
  EXPECT_EQ(words.tcb_info(TeeType::tdx, kFmspc, TcbUpdate::early),
            "https://api.trustedservices.intel.com/tdx/certification/v4/"
            "tcb?fmspc=90C06F000000&update=early");
  EXPECT_EQ(words.qe_identity(TeeType::sgx, TcbUpdate::standard),
            "https://api.trustedservices.intel.com/sgx/certification/v4/"
            "qe/identity?update=standard");
  EXPECT_EQ(words.pck_crl(PckCa::processor),
            "https://api.trustedservices.intel.com/sgx/certification/v4/"
            "pckcrl?ca=processor&encoding=der");
  EXPECT_EQ(words.root_crl(), "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
}

TEST(PcsWords, OfACacheKeepItsPrefix) {
  const struct {
    const char *url, *base;
  } rows[] = {{"https://pccs.example:8081/sgx/certification/v4/", "https://pccs.example:8081"},
              {"https://pccs.example/sgx/certification/v3", "https://pccs.example"},
              {"http://10.0.0.1/cache/pccs/sgx/certification/v4/", "http://10.0.0.1/cache/pccs"},
              {"https://pccs.example/prefix/", "https://pccs.example/prefix"},
              {"https://pccs.example?x=1", "https://pccs.example"},
              {"https://pccs.example", "https://pccs.example"}};
  for (const auto& row : rows) {
    const auto words = PcsWords::create(row.url);
    ASSERT_TRUE(words.ok()) << row.url;
    EXPECT_FALSE(words->is_intel());
    EXPECT_EQ(words->root_crl(), std::string(row.base) + "/sgx/certification/v4/rootcacrl");
  }
}

TEST(PcsWords, WhatIsNoHttpUrlIsRefused) {
  for (const char* url : {"", "pccs.example", "ftp://pccs.example/", "https://", "https:///path",
                          "file:///etc/passwd", "https://user@pccs.example/",
                          "https://pccs.example/a b", "https://pccs.example/\r\nx"}) {
    EXPECT_TRUE(PcsWords::create(url).error().is(Errc::service_url_malformed)) << url;
  }
}

TEST(IssuerChainHeader, IsUrlEncodedTextOfBoundedSize) {
  EXPECT_EQ(issuer_chain_of_header("a%20b%0Ac+d").value(), "a b\nc+d");
  EXPECT_TRUE(issuer_chain_of_header("%ff").error().is(Errc::issuer_chain_malformed));
  EXPECT_TRUE(issuer_chain_of_header("a%00").error().is(Errc::issuer_chain_malformed));
  EXPECT_TRUE(issuer_chain_of_header(std::string(65536, 'x')).ok());
  EXPECT_FALSE(issuer_chain_of_header(std::string(65537, 'x')).ok());
}

std::string file_backend() {
  return file_text("tests/vectors/intel-collateral/derived-file-backend.json");
}

TEST(PcsFile, GivesTheSignedTextAsItStandsInTheFileWithoutItsLayout) {
  const std::string text = file_backend();
  const PcsFile file = PcsFile::parse(text).value();
  const auto info = file.tcb_info(TeeType::tdx, kFmspc, TcbUpdate::early);
  ASSERT_TRUE(info.ok()) << "there is no early document: the plain one serves";
  EXPECT_NE(json::compacted(text).find(info->body), std::string::npos);
  EXPECT_TRUE(info->body.starts_with(R"({"tcbInfo":{"id":"TDX",)"));
  EXPECT_TRUE(info->issuer_chain.starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_TRUE(file.qe_identity(TeeType::tdx, TcbUpdate::standard).ok());
  EXPECT_TRUE(file.pck_crl(PckCa::processor)->body.starts_with("3082"));
  EXPECT_TRUE(file.pck_crl(PckCa::platform).ok());
  EXPECT_EQ(file.platforms().size(), 5U);
}

TEST(PcsFile, WhatItLacksIsSaidSo) {
  const PcsFile file = PcsFile::parse(file_backend()).value();
  const Fmspc other = {1, 2, 3, 4, 5, 6};
  EXPECT_TRUE(file.tcb_info(TeeType::tdx, other, TcbUpdate::early).error().is(Errc::not_in_file));
  const Fmspc sgx_only = {0x00, 0xa0, 0x67, 0x11, 0, 0};
  EXPECT_TRUE(file.tcb_info(TeeType::sgx, sgx_only, TcbUpdate::early).ok());
  EXPECT_TRUE(
      file.tcb_info(TeeType::tdx, sgx_only, TcbUpdate::early).error().is(Errc::not_in_file));
}

TEST(PcsFile, TheEarlyDocumentIsPreferredWhereEarlyIsAskedFor) {
  std::string text = file_backend();
  const std::string plain = R"("tdqeidentity":)";
  std::size_t at = text.find(plain);
  if (at == std::string::npos) at = text.find(R"("tdqeidentity" :)");
  ASSERT_NE(at, std::string::npos);
  text.insert(at, R"("tdqeidentity_early":{"enclaveIdentity":{"early":1},"signature":""},)");
  const PcsFile file = PcsFile::parse(text).value();
  const auto early = file.qe_identity(TeeType::tdx, TcbUpdate::early).value().body;
  EXPECT_EQ(early, R"({"enclaveIdentity":{"early":1},"signature":""})");
  EXPECT_NE(file.qe_identity(TeeType::tdx, TcbUpdate::standard).value().body, early);
}

TEST(PcsFile, MissingPartsAndOtherTypesAreRefused) {
  const std::string text = file_backend();
  for (const char* part :
       {"\"tcbinfos\"", "\"pckcacrl\"", "\"certificates\"", "\"rootcacrl\"",
        "\"TCB-Info-Issuer-Chain\"", "\"SGX-Enclave-Identity-Issuer-Chain\"", "\"collaterals\""}) {
    std::string without = text;
    const std::size_t at = without.find(part);
    ASSERT_NE(at, std::string::npos) << part;
    without[at + 1] = '_';
    EXPECT_TRUE(PcsFile::parse(without).error().is(Errc::pcs_file_malformed)) << part;
  }
  for (const char* other : {"", "[]", "{}", R"({"collaterals":[]})", R"({"collaterals":null})",
                            R"({"collaterals":{"tcbinfos":{}}})"}) {
    EXPECT_TRUE(PcsFile::parse(other).error().is(Errc::pcs_file_malformed)) << other;
  }
}

}  // namespace
}  // namespace trustee::intel
