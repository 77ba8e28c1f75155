#include "intel/collateral.h"

#include <gtest/gtest.h>

#include "intel/intel_test_data.h"
#include "intel/texts.h"

namespace trustee::intel {
namespace {

std::string collateral_text(const std::string& name) {
  return file_text(vector_path("intel-collateral/" + name));
}

TEST(TcbInfo, OfPcsVerifiesOverTheReceivedBytes) {
  const std::string chain = collateral_text("tcb_signing_chain.pem");
  for (const char* name : {"tcbInfo.json", "teekit-tcbinfos/tcbInfo-sgx-00806f050000.json",
                           "teekit-tcbinfos/tcbInfo-sgx-00906ed50000.json",
                           "teekit-tcbinfos/tcbInfo-sgx-50806f000000.json",
                           "teekit-tcbinfos/tcbInfo-sgx-b0c06f000000.json",
                           "teekit-tcbinfos/tcbInfo-tdx-00806f050000.json",
                           "teekit-tcbinfos/tcbInfo-tdx-50806f000000.json",
                           "teekit-tcbinfos/tcbInfo-tdx-90c06f000000.json",
                           "teekit-tcbinfos/tcbInfo-tdx-b0c06f000000.json"}) {
    const auto info = verify_tcb_info(collateral_text(name), chain, RootKey::built_in());
    EXPECT_TRUE(info.ok()) << name << ": " << info.error().to_string();
  }
}

TEST(TcbInfo, OtherBytesOfTheSameMeaningAreNotTheSignedOnes) {
  const std::string chain = collateral_text("tcb_signing_chain.pem");
  for (const char* name : {"teekit-tcbinfos/tcbInfo-sgx-30606a000000.json",
                           "teekit-tcbinfos/tcbInfo-sgx-90c06f000000.json"}) {
    // Collected with line breaks that the service did not send.
    const std::string indented = collateral_text(name);
    EXPECT_EQ(refusal(verify_tcb_info(indented, chain, RootKey::built_in())),
              "intel.tcb_info_not_trusted");
    const std::string compact = json::write(json::parse(indented).value());
    EXPECT_TRUE(verify_tcb_info(compact, chain, RootKey::built_in()).ok()) << name;
  }
}

TEST(TcbInfo, IsReadAsPcsWroteIt) {
  const auto info = verify_tcb_info(collateral_text("tcbInfo.json"),
                                    collateral_text("tcb_signing_chain.pem"), RootKey::built_in())
                        .value();
  const TcbInfo& body = (*info)->body;
  EXPECT_EQ(body.tee, TeeType::tdx);
  EXPECT_EQ(codec::hex_encode(body.fmspc), "00a06d080000");
  EXPECT_EQ(body.next_update, at("2025-11-26T13:07:17Z"));
  EXPECT_EQ(body.evaluation_number, 17U);
  EXPECT_GT(body.levels.size(), 1U);
  // The signer's certificate ends in 2032, the document in 2025.
  EXPECT_EQ((*info)->lifespan.earliest_expiration, body.next_update);
}

TEST(TcbInfo, EveryFlippedBitIsRefused) {
  // One bit of each byte, another one from byte to byte.
  const std::string good = collateral_text("tcbInfo.json");
  const std::string chain = collateral_text("tcb_signing_chain.pem");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 7)));
    if (!verify_tcb_info(changed, chain, RootKey::built_in()).ok()) continue;
    // The hex digits of the signature may change their letter case, nothing else.
    EXPECT_EQ(changed[i] ^ good[i], 0x20) << "byte " << i;
    EXPECT_GT(i, good.rfind("signature")) << "byte " << i;
  }
}

TEST(QeIdentity, OfPcsVerifies) {
  const auto identity =
      verify_qe_identity(collateral_text("enclaveIdentity.json"),
                         collateral_text("tcb_signing_chain.pem"), RootKey::built_in());
  ASSERT_TRUE(identity.ok()) << identity.error().to_string();
  EXPECT_EQ((**identity)->body.tee, TeeType::tdx);
  EXPECT_EQ((**identity)->body.isv_prod_id, 2);
}

TEST(Crl, OfPcsIsReadFromDerAndHex) {
  const ByteVec der = file_bytes(vector_path("intel-collateral/pck_crl_platform-2025-06.der"));
  const std::string chain = collateral_text("pck_crl_issuer_chain_platform.pem");
  const auto list = verify_pck_crl(der, chain, RootKey::built_in());
  ASSERT_TRUE(list.ok()) << list.error().to_string();
  EXPECT_EQ((**list)->ca, PckCa::platform);
  EXPECT_EQ((**list)->number, 1U);
  const std::string hex = codec::hex_encode(der) + "\n";
  EXPECT_TRUE(verify_pck_crl(as_bytes(hex), chain, RootKey::built_in()).ok());
  EXPECT_EQ(refusal(verify_pck_crl(der, collateral_text("pck_crl_issuer_chain_processor.pem"),
                                   RootKey::built_in())),
            "intel.crl_not_trusted");
  const ByteVec root = file_bytes(vector_path("intel-collateral/root_ca_crl-2025-06.der"));
  EXPECT_TRUE(verify_root_crl(root, RootKey::built_in()).ok());
  EXPECT_EQ(refusal(verify_root_crl(der, RootKey::built_in())), "intel.crl_not_trusted");
}

Result<VerifiedCollateral> verified(const IntelBuilder& b) {
  return verify_collateral(b.documents(), b.root());
}

TEST(Collateral, AnswersTheRequestOfItsPlatform) {
  const auto collateral = verified(IntelBuilder::tdx()).value();
  EXPECT_EQ(cache_name((*collateral)->request()), "tdx/10206f000000/platform");
  EXPECT_TRUE(check_answers(**collateral, (*collateral)->request()).ok());
  CollateralRequest other = (*collateral)->request();
  other.ca = PckCa::processor;
  EXPECT_EQ(refusal(check_answers(**collateral, other)), "intel.tcb_info_mismatch");
  EXPECT_EQ((*collateral)->lifespan.earliest_expiration, at("2026-12-01T00:00:00Z"));
  EXPECT_EQ((*collateral)->lifespan.earliest_issue, kIntelIssued);
  EXPECT_EQ((*collateral)->lifespan.latest_issue, at("2026-11-01T00:00:00Z"));
  EXPECT_FALSE((*collateral)->expired_at(at("2026-11-30T23:59:59Z")));
  EXPECT_TRUE((*collateral)->expired_at(at("2026-12-01T00:00:00Z")));
}

TEST(Collateral, ARevokedCertificateIsRefusedWhereverItStands) {
  CASE("CPU-63");
  IntelBuilder leaf = IntelBuilder::tdx();
  leaf.pck_crl.revoked = {{0x01}, leaf.pki.pck.serial, {0x02}};
  const auto outcome = judged(QuoteBuilder::tdx_v4(), leaf);
  EXPECT_EQ(refusal(outcome), "intel.certificate_revoked");
  EXPECT_EQ(upstream_text(outcome.error()), "tee_verify_quote failed: 0xe031 - PCK is revoked.");
  IntelBuilder ca = IntelBuilder::tdx();
  ca.root_crl.revoked = {ca.pki.ca.serial};
  EXPECT_EQ(refusal(verified(ca)), "intel.certificate_revoked");
  IntelBuilder signer = IntelBuilder::tdx();
  signer.root_crl.revoked = {signer.pki.tcb.serial};
  EXPECT_EQ(refusal(verified(signer)), "intel.certificate_revoked");
}

TEST(Collateral, ARevocationCountsInAListPastItsDate) {
  IntelBuilder b = IntelBuilder::tdx();
  b.pck_crl.next_update = kIntelNow - std::chrono::hours(24);
  EXPECT_TRUE(attested(judged(QuoteBuilder::tdx_v4(), b))->expired());
  b.pck_crl.revoked = {b.pki.pck.serial};
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), b)), "intel.certificate_revoked");
}

TEST(Collateral, EachPartPastItsDateIsSaid) {
  const auto expired = [](auto change) {
    IntelBuilder b = IntelBuilder::tdx();
    change(b);
    const auto outcome = judged(QuoteBuilder::tdx_v4(), b);
    EXPECT_TRUE(outcome.ok()) << outcome.error().to_string();
    return attested(outcome)->expired();
  };
  const Time past = kIntelNow - std::chrono::hours(1);
  EXPECT_FALSE(expired([](IntelBuilder&) {}));
  EXPECT_TRUE(expired([&](IntelBuilder& b) { b.root_crl.next_update = past; }));
  EXPECT_TRUE(expired([&](IntelBuilder& b) { b.pck_crl.next_update = past; }));
  EXPECT_TRUE(expired([&](IntelBuilder& b) { b.pki.pck.not_after = past; }));
  EXPECT_TRUE(expired([&](IntelBuilder& b) { b.pki.ca.not_after = past; }));
  EXPECT_TRUE(expired([&](IntelBuilder& b) { b.pki.root.not_after = past; }));
  EXPECT_TRUE(expired([&](IntelBuilder& b) { b.pki.tcb.not_after = past; }));
  EXPECT_TRUE(expired([](IntelBuilder& b) { b.tcb_info.next_update = "2026-11-20T00:00:00Z"; }));
  EXPECT_TRUE(expired([](IntelBuilder& b) { b.qe_identity.next_update = "2026-11-20T00:00:00Z"; }));
}

TEST(Collateral, IsRefusedWhenALinkIsForged) {
  const auto code = [](auto change) {
    IntelBuilder b = IntelBuilder::tdx();
    const RootKey root = b.root();
    change(b);
    return refusal(verify_collateral(b.documents(), root));
  };
  const IntelPki other;
  EXPECT_EQ(code([&](IntelBuilder& b) {
              b.pki.tcb_key = other.tcb_key;
              b.pki.tcb.issuer = "x";
            }),
            "intel.tcb_info_not_trusted");
  EXPECT_EQ(code([](IntelBuilder& b) { b.pki.tcb.subject = "Intel SGX PCK Platform CA"; }),
            "intel.tcb_info_not_trusted");
  EXPECT_EQ(code([](IntelBuilder& b) { b.pck_crl.issuer = "Intel SGX PCK Processor CA"; }),
            "intel.crl_not_trusted");
  EXPECT_EQ(code([](IntelBuilder& b) { b.root_crl.issuer = "Intel SGX Root CB"; }),
            "intel.crl_not_trusted");
  EXPECT_EQ(code([&](IntelBuilder& b) { b.pki.root_key = other.root_key; }),
            "intel.crl_not_trusted");
  EXPECT_EQ(code([](IntelBuilder& b) { b.pck_crl.without_number = true; }), "intel.crl_malformed");
}

TEST(Collateral, OfAnotherCaOrTeeIsNotUsed) {
  const IntelBuilder tdx = IntelBuilder::tdx();
  IntelBuilder processor = IntelBuilder::tdx();
  processor.pki.ca.subject = "Intel SGX PCK Processor CA";
  processor.pck_crl = processor.pki.pck_crl();
  const auto documents = processor.documents();
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4().sign(tdx.pki), documents, kIntelNow, tdx.root())),
            "intel.crl_not_trusted");  // another root
  IntelBuilder same_root = tdx;
  same_root.pki.ca_key = processor.pki.ca_key;
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4().sign(tdx.pki), same_root.documents(), kIntelNow,
                           tdx.root())),
            "intel.collateral_mismatch");
  IntelBuilder mixed = IntelBuilder::tdx();
  mixed.qe_identity.id = "QE";
  EXPECT_EQ(refusal(verified(mixed)), "intel.tcb_info_mismatch");
  IntelBuilder sgx = IntelBuilder::tdx();
  sgx.qe_identity.id = "QE";
  sgx.tcb_info.tdx = false;
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), sgx)), "intel.tcb_info_mismatch");
  IntelBuilder fmspc = IntelBuilder::tdx();
  fmspc.tcb_info.fmspc = "10206F000001";
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), fmspc)), "intel.tcb_info_mismatch");
  IntelBuilder pce = IntelBuilder::tdx();
  pce.tcb_info.pce_id = "0001";
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), pce)), "intel.tcb_info_mismatch");
}

TEST(Collateral, OtherQuotingEnclavesAreRefused) {
  const auto code = [](const QuoteBuilder& quote, const IntelBuilder& with) {
    return refusal(judged(quote, with));
  };
  const char* mismatch = "intel.qe_identity_mismatch";
  const IntelBuilder good = IntelBuilder::tdx();
  EXPECT_EQ(code(QuoteBuilder::tdx_v4().with_qe_byte(16, 1), good), mismatch);     // MISCSELECT
  EXPECT_EQ(code(QuoteBuilder::tdx_v4().with_qe_byte(48, 0x13), good), mismatch);  // DEBUG
  EXPECT_EQ(code(QuoteBuilder::tdx_v4().with_qe_byte(128, 0), good), mismatch);    // MRSIGNER
  EXPECT_EQ(code(QuoteBuilder::tdx_v4().with_qe_byte(256, 3), good), mismatch);    // ISVPRODID
  EXPECT_TRUE(judged(QuoteBuilder::tdx_v4().with_qe_byte(56, 3), good).ok());  // XFRM is masked out
}

TEST(Text, OfAMismatchedEnclaveIsUpstreams) {
  // The apostrophes are typographic.
  EXPECT_EQ(upstream_text(Error(Errc::qe_identity_mismatch)),
            "tee_verify_quote failed: 0xe026 - The Quote\u2019s QE doesn\u2019t match the inputted "
            "expected QEIdentity.");
  EXPECT_FALSE(upstream_text(Error(Errc::collateral_file_malformed)).has_value());
}

}  // namespace
}  // namespace trustee::intel
