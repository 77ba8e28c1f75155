#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "codec/pem.h"
#include "intel/intel_test_data.h"
#include "tests/support/temp_dir.h"

// The builders of tests/support, checked by the openssl program and against real quotes. What they
// make together is judged by an independent implementation in tests/oracles/dcap.

namespace trustee::intel {
namespace {

class Hierarchy : public ::testing::Test {
 protected:
  void write(const char* name, std::string_view text) {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  /// Whether openssl accepts the PCK certificate with both lists at the time of the tests.
  bool accepted(const IntelPki& pki, const CrlBuilder& root_crl, const CrlBuilder& pck_crl) {
    const std::string chain = pki.pck_chain();
    const std::string end = "-----END CERTIFICATE-----\n";
    const std::size_t leaf = chain.find(end) + end.size();
    const std::size_t ca = chain.find(end, leaf) + end.size();
    write("leaf", chain.substr(0, leaf));
    write("ca", chain.substr(leaf, ca - leaf));
    write("root", codec::pem_write("CERTIFICATE", pki.root_der()));
    write("crls", codec::pem_write("X509 CRL", root_crl.sign(pki.root_key)) +
                      codec::pem_write("X509 CRL", pck_crl.sign(pki.ca_key)));
    const std::string command = "cd " + directory_.path() +
                                " && openssl verify -x509_strict -attime 1795500000 "
                                "-crl_check_all -CRLfile crls -CAfile root -untrusted ca leaf "
                                ">output 2>&1";
    return std::system(command.c_str()) == 0;
  }
  TempDir directory_;
};

TEST_F(Hierarchy, IsAcceptedByOpenssl) {
  for (const IntelPki& pki : {IntelPki(), IntelPki::processor()}) {
    EXPECT_TRUE(accepted(pki, pki.root_crl(), pki.pck_crl())) << file_text(directory_ / "output");
  }
}

TEST_F(Hierarchy, ModifiersDoWhatTheySay) {
  const IntelPki good;
  CrlBuilder revoking = good.pck_crl();
  revoking.revoked = {good.pck.serial};
  EXPECT_FALSE(accepted(good, good.root_crl(), revoking));
  CrlBuilder expired = good.root_crl();
  expired.next_update = kIntelNow - std::chrono::hours(1);
  EXPECT_FALSE(accepted(good, expired, good.pck_crl()));
  IntelPki late = good;
  late.pck.not_after = kIntelNow - std::chrono::hours(1);
  EXPECT_FALSE(accepted(late, late.root_crl(), late.pck_crl()));
  IntelPki no_ca = good;
  no_ca.ca.is_ca = false;
  EXPECT_FALSE(accepted(no_ca, no_ca.root_crl(), no_ca.pck_crl()));
}

struct RealQuote {
  const char* file;
  QuoteBuilder builder;
  std::size_t body;  ///< where it begins
  std::size_t body_size;
};

TEST(QuoteBuilderLayout, IsThatOfRealQuotes) {
  const IntelPki pki;
  const RealQuote rows[] = {
      {"tdx/tdx_quote_4.dat", QuoteBuilder::tdx_v4(), 48, 584},
      {"tdx/tdx_quote_5.dat", QuoteBuilder::tdx_v5_15(), 54, 648},
      {"sgx/occlum_quote.dat", QuoteBuilder::sgx_v3(), 48, 384},
  };
  for (const RealQuote& row : rows) {
    const ByteVec real = file_bytes(vector_path(row.file));
    QuoteBuilder builder = row.builder;
    for (std::size_t i = 0; i < 48; ++i) {
      builder.with_header_byte(i, real[i]);
    }
    builder.with_body(0, Bytes(real).subspan(row.body, row.body_size));
    const std::string text(as_text(real));
    const std::string chain = text.substr(text.find("-----BEGIN"));
    const ByteVec made = builder.with_certification_data(chain).sign(pki);
    ASSERT_EQ(made.size(), real.size()) << row.file;
    const std::size_t section = row.body + row.body_size;
    EXPECT_TRUE(equal(Bytes(made).first(section + 4), Bytes(real).first(section + 4)));
    // The types and lengths around the QE report, its authentication data and the chain.
    const std::size_t outer = section + 4 + 128;
    const std::size_t report = row.body_size == 384 ? outer : outer + 6;
    EXPECT_TRUE(equal(Bytes(made).subspan(outer, report - outer),
                      Bytes(real).subspan(outer, report - outer)));
    const std::size_t auth = report + 384 + 64;
    EXPECT_TRUE(equal(Bytes(made).subspan(auth, 2), Bytes(real).subspan(auth, 2)));
    EXPECT_TRUE(equal(Bytes(made).subspan(auth + 34), Bytes(real).subspan(auth + 34)));
  }
}

TEST(DocumentBuilders, HaveTheMembersOfRealDocuments) {
  const auto names = [](const json::Value& value) {
    std::vector<std::string> out;
    for (const json::Member& m : *value.as_object()) out.push_back(m.name);
    return out;
  };
  const auto real = [](const char* set, const char* member) {
    const auto file =
        json::parse(file_text(vector_path("dcap-sets/") + set + ".collateral.json")).value();
    return json::parse(*file.as_object()->find(member)->as_string()).value();
  };
  const auto tdx = json::parse(TcbInfoBuilder().body()).value();
  const auto real_tdx = real("tdx-v4-b0c06f000000", "tcb_info");
  EXPECT_EQ(names(tdx), names(real_tdx));
  for (const char* pointer : {"/tdxModule", "/tdxModuleIdentities/0", "/tcbLevels/0/tcb"}) {
    EXPECT_EQ(names(*tdx.at_pointer(pointer)), names(*real_tdx.at_pointer(pointer))) << pointer;
  }
  TcbInfoBuilder sgx;
  sgx.tdx = false;
  EXPECT_EQ(names(json::parse(sgx.body()).value()),
            names(real("sgx-00a067110000-processor-ca", "tcb_info")));
  EXPECT_EQ(names(json::parse(QeIdentityBuilder().body()).value()),
            names(real("tdx-v4-b0c06f000000", "qe_identity")));
}

}  // namespace
}  // namespace trustee::intel
