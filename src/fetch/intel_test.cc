#include <gtest/gtest.h>

#include "codec/hex.h"
#include "codec/json.h"
#include "codec/percent.h"
#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"
#include "fetch/intel_kinds.h"
#include "fetch/intel_sets.h"
#include "fetch/pcs.h"
#include "intel/cache.h"
#include "intel/claims.h"
#include "intel/collateral_file.h"
#include "intel/quote.h"
#include "intel/verify.h"
#include "kv/memory.h"
#include "tests/support/case.h"
#include "tests/support/fake_pcs.h"
#include "tests/support/intel_builder.h"
#include "tests/support/temp_dir.h"

namespace trustee::fetch {
namespace {

using How = FakeAnswer::How;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Real documents of Intel for one platform; they are valid in September 2025.
const char* const kSet = "tests/vectors/dcap-sets/tdx-v4-20a06f000000.collateral.json";
intel::CollateralDocuments documents() {
  return intel::parse_collateral_file(file_text(kSet)).value();
}
const Time kThen = from_unix_seconds(1757894400);  // 2025-09-15
const intel::CollateralRequest kRequest{
    {0x20, 0xa0, 0x6f, 0, 0, 0}, intel::PckCa::platform, intel::TeeType::tdx};

class IntelCollateral : public ::testing::Test {
 protected:
  IntelCollateral() { rim_.clock.set(kThen); }

  std::shared_ptr<IntelSource> pcs(const std::string& url) {
    const VendorSettings settings{{2, milliseconds(10), seconds(1)}, attempt_timeout_, {}};
    return std::make_shared<Pcs>(intel::PcsWords::create(url).value(), rim_.vendor(settings));
  }
  std::unique_ptr<Engine> engine(const std::shared_ptr<IntelSource>& source) {
    return std::make_unique<Engine>(Engine::Settings{}, Engine::Ports{rim_.clock, store_},
                                    intel_kinds(source, intel::RootKey::built_in()));
  }
  Result<intel::VerifiedCollateral> get(IntelSets& sets,
                                        const intel::CollateralRequest& request = kRequest) {
    return sets.get({request}, {"peer", rim_.clock.now() + seconds(20)});
  }
  /// The code of a failed request to a service that answers by `script`.
  Error refusal(FakeKds::Script script) {
    FakeKds service(std::move(script));
    const auto e = engine(pcs(service.url()));
    IntelSets sets(*e, intel::TcbUpdate::early);
    return get(sets).error();
  }

  Rim rim_;
  std::shared_ptr<kv::Namespace> store_;
  PcsScript intel_{documents()};
  Duration attempt_timeout_ = VendorSettings{}.attempt_timeout;  ///< in time of the machine
};

TEST_F(IntelCollateral, IsFourDocumentsThatAreGotOnceAndPutTogetherOnce) {
  FakeKds service(intel_);
  const auto e = engine(pcs(service.url()));
  IntelSets sets(*e, intel::TcbUpdate::early);
  EXPECT_EQ(sets.peek({kRequest}).value(), nullptr);
  const auto first = get(sets);
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_EQ((**first)->request(), kRequest);
  EXPECT_FALSE((**first)->expired_at(kThen));
  EXPECT_EQ(get(sets).value(), *first);
  EXPECT_EQ(sets.peek({kRequest}).value(), *first);
  EXPECT_EQ(service.requests(),
            (std::vector<std::string>{"/tdx/certification/v4/tcb?fmspc=20A06F000000&update=early",
                                      "/tdx/certification/v4/qe/identity?update=early",
                                      "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
                                      "/sgx/certification/v4/rootcacrl"}));
}

TEST_F(IntelCollateral, ComesFromACacheBelowAPrefixToo) {
  const PcsScript below(documents(), "/mirror/pccs");
  FakeKds service(below);
  const auto e = engine(pcs(service.url() + "/mirror/pccs/sgx/certification/v4/"));
  IntelSets sets(*e, intel::TcbUpdate::standard);
  EXPECT_TRUE(get(sets).ok());
  EXPECT_EQ(service.requests()[0],
            "/mirror/pccs/tdx/certification/v4/tcb?fmspc=20A06F000000&update=standard");
}

TEST_F(IntelCollateral, WhatTheServiceDoesNotHaveIsSaidWithItsUrl) {
  CASE("CPU-74");
  for (const int status : {404, 410}) {
    FakeKds service(InTurn({answer(status)}));
    const auto e = engine(pcs(service.url()));
    IntelSets sets(*e, intel::TcbUpdate::early);
    const Error error = get(sets).error();
    EXPECT_TRUE(error.is(Errc::collateral_not_available));
    EXPECT_EQ(error.detail(), "collateral not available from " + service.url() +
                                  "/tdx/certification/v4/tcb?fmspc=20A06F000000&update=early");
    EXPECT_FALSE(get(sets).ok());
    EXPECT_EQ(service.requests().size(), 1U) << "it is remembered";
  }
}

TEST_F(IntelCollateral, AnswersWithoutTheirIssuerChainAreRefused) {
  CASE("CPU-75");
  const struct {
    const char *part, *text;
  } rows[] = {{"/tcb?", "TcbInfo response missing issuer chain"},
              {"/qe/identity?", "QE Identity response missing issuer chain"},
              {"/pckcrl?", "PCK CRL response missing issuer chain"}};
  for (const auto& row : rows) {
    const Error error = refusal([&](const std::string& target) {
      FakeAnswer a = intel_(target);
      if (target.find(row.part) != std::string::npos) a.headers.clear();
      return a;
    });
    EXPECT_EQ(error.code().text(), row.text);
    EXPECT_EQ(error.code().module(), "fetch");
  }
}

TEST_F(IntelCollateral, DocumentsOfAnotherPlatformOrByAnotherSignerAreNeverKept) {
  store_ = kv::create_memory_store()->open("vendor_collateral").value();
  FakeKds service(intel_);
  const auto e = engine(pcs(service.url()));
  IntelSets sets(*e, intel::TcbUpdate::early);
  intel::CollateralRequest other = kRequest;
  other.fmspc[0] = 0x21;
  EXPECT_TRUE(get(sets, other).error().is(Errc::answer_unusable));
  const Error forged = refusal([&](const std::string& target) {
    FakeAnswer a = intel_(target);
    if (target.find("/tcb?") != std::string::npos) a.body[100] ^= 1U;
    return a;
  });
  EXPECT_TRUE(forged.is(Errc::answer_unusable));
  EXPECT_TRUE(store_->list().value().empty());
}

/// Every way in which a service fails.
std::vector<FakeAnswer> outages() {
  return {{How::complete, 429, {}, "Retry-After: 86400\r\n"},
          {How::complete, 500, {}, {}},
          {How::complete, 503, {}, {}},
          {How::complete, 404, {}, {}},
          {How::complete, 200, to_vec(as_bytes("<html>busy</html>")), {}},
          {How::truncated, 200, ByteVec(1000, '{'), {}},
          {How::garbage, 200, {}, {}},
          {How::closes, 200, {}, {}},
          {How::hangs, 200, {}, {}}};
}

TEST_F(IntelCollateral, InEachKindOfOutageTheLastGoodCopyServesAndItsEndIsVisible) {
  for (const FakeAnswer& outage : outages()) {
    rim_.clock.set(kThen);
    const PcsScript script(documents());
    FakeKds service(script);
    if (outage.how == How::hangs) attempt_timeout_ = milliseconds(250);
    const auto e = engine(pcs(service.url()));
    IntelSets sets(*e, intel::TcbUpdate::early);
    ASSERT_TRUE(get(sets).ok());
    script.everything_is(outage);
    for (const int days : {2, 60}) {  // the TCB info ends after a month
      rim_.clock.set(kThen + hours(24) * days);
      e->renew_due();
      const std::size_t asked = service.requests().size();
      const Time before = rim_.clock.now();
      const auto set = sets.peek({kRequest});
      ASSERT_TRUE(set.ok());
      ASSERT_NE(*set, nullptr) << "no request waits";
      EXPECT_EQ((**set)->expired_at(rim_.clock.now()), days == 60);
      EXPECT_EQ(get(sets).value(), *set);
      EXPECT_EQ(service.requests().size(), asked) << "no request asks the vendor";
      EXPECT_EQ(rim_.clock.now(), before);
    }
  }
}

TEST_F(IntelCollateral, ThatTheServiceServesPastItsDateIsServedWithItsEndVisible) {
  rim_.clock.set(kThen + hours(24) * 60);
  FakeKds service(intel_);
  const auto e = engine(pcs(service.url()));
  IntelSets sets(*e, intel::TcbUpdate::early);
  const auto set = get(sets);
  ASSERT_TRUE(set.ok()) << set.error().to_string();
  EXPECT_TRUE((**set)->expired_at(rim_.clock.now()));
}

TEST_F(IntelCollateral, OutlivesTheProcessAndServesWithoutTheVendor) {
  store_ = kv::create_memory_store()->open("vendor_collateral").value();
  {
    FakeKds service(intel_);
    const auto e = engine(pcs(service.url()));
    IntelSets sets(*e, intel::TcbUpdate::early);
    ASSERT_TRUE(get(sets).ok());
  }
  FakeKds gone(InTurn({FakeAnswer{How::closes, 200, {}, {}}}));
  const auto e = engine(pcs(gone.url()));
  ASSERT_TRUE(e->follow_store().ok());
  IntelSets sets(*e, intel::TcbUpdate::early);
  EXPECT_NE(sets.peek({kRequest}).value(), nullptr);
  EXPECT_TRUE(gone.requests().empty());
}

// The file of Intel's PCS client tool.

const std::string kFile = "tests/vectors/intel-collateral/derived-file-backend.json";

class IntelFile : public IntelCollateral {
 protected:
  Result<intel::VerifiedCollateral> from(const std::string& path,
                                         const intel::CollateralRequest& request) {
    const auto e = engine(std::make_shared<PcsFileSource>(path));
    IntelSets sets(*e, intel::TcbUpdate::early);
    return get(sets, request);
  }
};

intel::CollateralRequest tdx_of(const char* fmspc) {
  return {regularised<6>(codec::hex_decode(fmspc).value()), intel::PckCa::platform,
          intel::TeeType::tdx};
}

TEST_F(IntelFile, ServesTheDocumentsOfAPlatform) {
  const auto set = from(kFile, tdx_of("90c06f000000"));
  ASSERT_TRUE(set.ok()) << set.error().to_string();
  EXPECT_EQ((**set)->request(), tdx_of("90c06f000000"));
}

/// A file as Intel's tool writes it, of one platform's documents; without early ones.
std::string file_of(const intel::CollateralDocuments& d, const std::string& fmspc) {
  const auto quoted = [](const std::string& text) { return json::write(json::Value(text)); };
  const auto hex = [&](Bytes bytes) { return quoted(codec::hex_encode(bytes)); };
  const auto chain = [&](const std::string& pem) { return quoted(codec::percent_encode(pem)); };
  return R"({"collaterals":{"version":"3","tcbinfos":[{"fmspc":)" + quoted(fmspc) +
         R"(,"tdx_tcbinfo": )" + d.tcb_info + R"( ,"tdx_tcbinfo_early":null}],"pckcacrl":)" +
         R"({"platformCrl":)" + hex(d.pck_crl) + R"(},"tdqeidentity":)" + d.qe_identity +
         R"(,"tdqeidentity_early":null,"certificates":{"TCB-Info-Issuer-Chain":)" +
         chain(d.tcb_info_issuer_chain) + R"(,"SGX-Enclave-Identity-Issuer-Chain":)" +
         chain(d.qe_identity_issuer_chain) + R"(,"SGX-PCK-Certificate-Issuer-Chain":{"PLATFORM":)" +
         chain(d.pck_crl_issuer_chain) + R"(}},"rootcacrl":)" + hex(d.root_ca_crl) + "}}";
}

TEST_F(IntelFile, ThePlainDocumentServesWhereThereIsNoEarlyOneWithTheClaimsOfTheService) {
  CASE("CPU-76");
  const IntelBuilder test = IntelBuilder::tdx();
  const ByteVec bytes = QuoteBuilder::tdx_v5_15().sign(test.pki);
  const auto quote = intel::parse_quote(bytes).value();
  rim_.clock.set(kIntelNow);
  const intel::CollateralRequest request = tdx_of("10206f000000");
  const auto claims_by = [&](const std::shared_ptr<IntelSource>& source) {
    Engine e({}, {rim_.clock}, intel_kinds(source, test.root()));
    IntelSets sets(e, intel::TcbUpdate::early);
    const auto set = get(sets, request);
    EXPECT_TRUE(set.ok()) << set.error().to_string();
    intel::PckCache cache;
    const auto outcome = intel::verify_quote(quote, {test.root(), cache, set.value()}, kIntelNow);
    EXPECT_TRUE(outcome.ok()) << outcome.error().to_string();
    return json::write(
        intel::dcap_claims(std::get<claims::Verified<intel::Attested>>(outcome.value())));
  };
  const TempDir dir;
  std::ofstream(dir / "file.json") << file_of(test.documents(), "10206F000000");
  FakeKds service{PcsScript(test.documents())};
  const std::string by_file = claims_by(std::make_shared<PcsFileSource>(dir / "file.json"));
  EXPECT_EQ(by_file, claims_by(pcs(service.url())));
  EXPECT_NE(by_file.find(R"("tcb_status":"UpToDate")"), std::string::npos);
  // And of the public file: the plain document, which Intel signed.
  EXPECT_TRUE(from(kFile, tdx_of("90c06f000000")).ok());
}

TEST_F(IntelFile, WhatIsNotListedOrOfAnotherDistributionPointIsNotAvailable) {
  CASE("CPU-77");
  const Error unlisted = from(kFile, tdx_of("010203040506")).error();
  EXPECT_TRUE(unlisted.is(Errc::collateral_not_available));
  EXPECT_TRUE(unlisted.detail().starts_with("collateral not available from " + kFile));
  std::string text = file_text(kFile);
  const std::string point = "IntelSGXRootCA.der\"";
  const std::size_t at = text.rfind(point);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, point.size(), "AnotherRootCA.der\"");
  const TempDir dir;
  std::ofstream(dir / "file.json") << text;
  EXPECT_TRUE(
      from(dir / "file.json", tdx_of("90c06f000000")).error().is(Errc::collateral_not_available));
  EXPECT_TRUE(
      from(dir / "none.json", tdx_of("90c06f000000")).error().is(Errc::collateral_not_available));
}

TEST_F(IntelFile, ADocumentWithALowerCaseFmspcKeepsItsSignatureAndJudgesItsPlatform) {
  CASE("CPU-77a");
  const auto set = from(kFile, tdx_of("00806f050000"));
  ASSERT_TRUE(set.ok()) << set.error().to_string();
  const auto expected =
      json::parse(file_text("tests/vectors/dcap-sets/tdx-v4-00806f050000-azure.expected.json"))
          .value();
  const ByteVec bytes = file_bytes("tests/vectors/" + *expected.at_pointer("/quote")->as_string());
  const auto quote = intel::parse_quote(bytes).value();
  intel::PckCache cache;
  const auto outcome = intel::verify_quote(quote, {intel::RootKey::built_in(), cache, *set}, kThen);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  const auto& attested = std::get<claims::Verified<intel::Attested>>(*outcome);
  EXPECT_EQ(to_string(attested->launch.status),
            *expected.at_pointer("/claims/tcb_status")->as_string());
  json::Array advisories;
  for (const std::string& id : attested->launch.advisories) advisories.emplace_back(id);
  EXPECT_EQ(json::Value(advisories), *expected.at_pointer("/claims/advisory_ids"));
}

TEST_F(IntelFile, IsReadAgainWhenItHasChanged) {
  const TempDir dir;
  const std::string path = dir / "file.json";
  std::ofstream(path) << "{}";
  const auto source = std::make_shared<PcsFileSource>(path);
  const auto e = engine(source);
  IntelSets sets(*e, intel::TcbUpdate::early);
  EXPECT_FALSE(get(sets, tdx_of("90c06f000000")).ok());
  std::ofstream(path) << file_text(kFile);
  rim_.clock.advance(seconds(60));
  EXPECT_TRUE(get(sets, tdx_of("90c06f000000")).ok());
}

}  // namespace
}  // namespace trustee::fetch
