#include "fetch/amd_kinds.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"
#include "kv/memory.h"
#include "snp/evidence.h"
#include "snp/verify.h"
#include "tests/support/case.h"
#include "tests/support/temp_dir.h"

namespace trustee::fetch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A mirror of KDS in files.
class MirrorDirectory {
 public:
  void put(const std::string& relative, Bytes content) {
    const std::string path = dir_ / relative;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << as_text(content);
  }
  void put_named(Bytes content) { put(amd::offline_store_paths(genoa_request())[0], content); }
  void put_flat(Bytes content) { put(amd::offline_store_paths(genoa_request())[1], content); }
  const std::string& path() const { return dir_.path(); }

 private:
  TempDir dir_;
};

class Vcek : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine(std::vector<VcekSource> sources) {
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<VcekKind>(std::move(sources), amd::real_roots()));
    return std::make_unique<Engine>(Engine::Settings{.budget = budget_},
                                    Engine::Ports{rim_.clock, persistent_}, std::move(kinds));
  }
  VcekSource kds(const FakeKds& service) { return rim_.kds(service); }
  Result<ByteVec> get(Engine& e, const amd::VcekRequest& request = genoa_request(),
                      std::string_view peer = "10.0.0.1", Duration patience = seconds(30)) {
    const auto held = e.get(vcek_id(request), {peer, rim_.clock.now() + patience});
    if (!held.ok()) return held.error();
    return *std::get<std::shared_ptr<const ByteVec>>((*held)->proof);
  }
  Result<ByteVec> get_from(std::vector<VcekSource> sources) {
    return get(*engine(std::move(sources)));
  }

  Rim rim_;
  std::shared_ptr<kv::Namespace> persistent_;
  collateral::FetchBudget::Rules budget_;
  MirrorDirectory mirror_;
};

/// Verifies the Genoa evidence without its chain, with what was fetched.
bool verifies_with(const ByteVec& vcek) {
  auto evidence =
      snp::parse_evidence(file_text(amd::snp_vector("evidence-genoa-e2e.json"))).value();
  evidence.cert_chain.reset();
  amd::VekCache cache;
  const auto outcome =
      snp::verify(evidence, {}, {amd::real_roots(), cache, Bytes(vcek), std::nullopt}, {}, kNow);
  return outcome.ok() && outcome->index() == 0;
}

TEST_F(Vcek, TheTcbNamedFileOfTheOfflineStoreServes) {
  CASE("CPU-21");
  mirror_.put("vcek/" + amd::hwid_hex(genoa_request()) + "/bl10_tee00_snp23_ucode25_vcek.der",
              genoa_vcek());
  const auto vcek = get_from({OfflineStore(mirror_.path())});
  ASSERT_TRUE(vcek.ok()) << vcek.error().to_string();
  EXPECT_TRUE(verifies_with(*vcek));
}

TEST_F(Vcek, TheFlatFileServesWhenThereIsNoTcbNamedOne) {
  CASE("CPU-22");
  mirror_.put("vcek/" + amd::hwid_hex(genoa_request()) + "/vcek.der", genoa_vcek());
  const auto vcek = get_from({OfflineStore(mirror_.path())});
  ASSERT_TRUE(vcek.ok()) << vcek.error().to_string();
  EXPECT_TRUE(verifies_with(*vcek));
}

TEST_F(Vcek, TheTcbNamedFileWinsOverAFlatOneOfGarbage) {
  CASE("CPU-23");
  mirror_.put_named(genoa_vcek());
  mirror_.put_flat(as_bytes("garbage"));
  EXPECT_TRUE(verifies_with(get_from({OfflineStore(mirror_.path())}).value()));
}

TEST_F(Vcek, AnEmptyStoreAndNoKdsFail) {
  CASE("CPU-24");
  const auto none = get_from({OfflineStore(mirror_.path())});
  ASSERT_FALSE(none.ok());
  EXPECT_TRUE(none.error().is(Errc::vcek_unavailable));
  EXPECT_EQ(none.error().code().text(), "Failed to fetch VCEK from any configured source");
  EXPECT_TRUE(get_from({}).error().is(Errc::vcek_unavailable)) << "no source at all";
}

TEST_F(Vcek, AMaskedChipIdCannotBeAskedOfKdsAndTheReasonIsKept) {
  CASE("CPU-27");
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  const auto f = engine({kds(service)});
  amd::VcekRequest masked = genoa_request();
  masked.chip_id = {};
  const auto result = get(*f, masked);
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().is(Errc::vcek_unavailable));
  EXPECT_NE(result.error().detail().find("amd.hardware_id_zero"), std::string::npos);
  EXPECT_TRUE(service.requests().empty());
}

TEST_F(Vcek, AMaskedChipIdIsServedByTheOfflineStore) {
  amd::VcekRequest masked = genoa_request();
  masked.chip_id = {};
  mirror_.put("vcek/" + std::string(128, '0') + "/vcek.der", genoa_vcek());
  const auto f = engine({OfflineStore(mirror_.path())});
  EXPECT_TRUE(get(*f, masked).ok());
}

TEST_F(Vcek, APemFileIsReturnedAsDer) {
  const auto pem = crypto::Certificate::from_der(genoa_vcek()).value().pem();
  mirror_.put_flat(as_bytes(pem));
  EXPECT_EQ(get_from({OfflineStore(mirror_.path())}).value(), genoa_vcek());
}

TEST_F(Vcek, AFileThatCannotBeReadIsNotReplacedByTheFlatOne) {
  std::filesystem::create_directories(mirror_.path() + "/" +
                                      amd::offline_store_paths(genoa_request())[0]);
  mirror_.put_flat(genoa_vcek());
  const auto result = get_from({OfflineStore(mirror_.path())});
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().detail().find("fetch.store_unreadable"), std::string::npos);
}

TEST_F(Vcek, AFileAboveItsLimitIsRefused) {
  const OfflineStore store(mirror_.path());
  mirror_.put_flat(ByteVec(kMaxCertificateFile, 1));
  EXPECT_EQ(store.vcek(genoa_request()).value().size(), kMaxCertificateFile);
  mirror_.put_flat(ByteVec(kMaxCertificateFile + 1, 1));
  EXPECT_TRUE(store.vcek(genoa_request()).error().is(Errc::store_unreadable));
}

TEST_F(Vcek, SourcesAreTriedInTheirOrder) {
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  mirror_.put_flat(as_bytes("garbage"));
  EXPECT_TRUE(get_from({OfflineStore(mirror_.path()), kds(service)}).ok());
  EXPECT_EQ(service.requests().size(), 1U);
  mirror_.put_flat(genoa_vcek());
  EXPECT_TRUE(get_from({OfflineStore(mirror_.path()), kds(service)}).ok());
  EXPECT_EQ(service.requests().size(), 1U) << "the store had it";
}

TEST_F(Vcek, ACertificateOfAnotherChipTcbOrIssuerIsNeverReturnedNorKept) {
  const ByteVec others[] = {file_bytes(amd::snp_vector("test-vcek.der")),
                            file_bytes(amd::pki("vcek-genoa.der")),
                            file_bytes(amd::snp_vector("virtee-vcek_turin.der")),
                            {},
                            to_vec(as_bytes("<html>busy</html>"))};
  for (const ByteVec& other : others) {
    FakeKds service(InTurn({answer(200, other), answer(200, genoa_vcek())}));
    const auto f = engine({kds(service)});
    const auto first = get(*f);
    ASSERT_FALSE(first.ok());
    EXPECT_NE(first.error().detail().find("fetch.answer_unusable"), std::string::npos);
    EXPECT_EQ(get(*f).value(), genoa_vcek());
  }
  amd::VcekRequest other_tcb = genoa_request();
  other_tcb.tcb.snp = 24;
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  const auto f = engine({kds(service)});
  EXPECT_FALSE(get(*f, other_tcb).ok());
}

TEST_F(Vcek, AFetchedKeyIsRememberedUntilItsEnd) {
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  const auto f = engine({kds(service)});
  EXPECT_TRUE(get(*f).ok());
  EXPECT_TRUE(get(*f).ok());
  rim_.clock.set(from_unix_seconds(1969000000));  // 2032-05-24: three days before its end
  EXPECT_TRUE(get(*f).ok());
  EXPECT_EQ(service.requests().size(), 1U);
  f->renew_due();
  EXPECT_EQ(service.requests().size(), 1U) << "fixed by chip and TCB: nothing to renew";
  rim_.clock.set(from_unix_seconds(1970000000));  // after it
  EXPECT_TRUE(get(*f).ok()) << "the dates are for verification to judge";
  EXPECT_EQ(service.requests().size(), 2U);
}

TEST_F(Vcek, AKeyUnderOtherRootsIsNone) {
  FakeKds service(InTurn({answer(200, file_bytes(amd::pki("vcek-genoa.der")))}));
  EXPECT_FALSE(get_from({kds(service)}).ok());
}

TEST_F(Vcek, WhatNoSourceHasIsNotAskedForAgainForAWhile) {
  FakeKds service(InTurn({answer(404), answer(200, genoa_vcek())}));
  const auto f = engine({OfflineStore(mirror_.path()), kds(service)});
  EXPECT_TRUE(get(*f).error().is(Errc::vcek_unavailable));
  EXPECT_TRUE(get(*f).error().is(Errc::vcek_unavailable));
  EXPECT_EQ(service.requests().size(), 1U);
  rim_.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(get(*f).value(), genoa_vcek());
}

TEST_F(Vcek, AFailureOfTheServiceIsNoAbsence) {
  FakeKds service(InTurn({answer(500), answer(500), answer(200, genoa_vcek())}));
  const auto f = engine({kds(service)});
  EXPECT_TRUE(get(*f).error().is(Errc::vcek_unavailable));
  EXPECT_EQ(get(*f).value(), genoa_vcek());
}

TEST_F(Vcek, APersistentCacheSurvivesARestartAndIsNotTrusted) {
  const auto store = kv::create_memory_store();
  persistent_ = store->open("vendor_collateral").value();
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  EXPECT_TRUE(get_from({kds(service)}).ok());
  EXPECT_TRUE(get_from({kds(service)}).ok()) << "another fetcher";
  EXPECT_EQ(service.requests().size(), 1U);
  const ByteVec foreign = collateral::encode_record({{file_bytes(amd::pki("vcek-genoa.der"))},
                                                     {kNow, kNow + std::chrono::hours(1)}})
                              .value();
  ASSERT_TRUE(persistent_->put(vcek_id(genoa_request()).key(), foreign, kv::Overwrite::yes).ok());
  EXPECT_EQ(get_from({kds(service)}).value(), genoa_vcek());
  EXPECT_EQ(service.requests().size(), 2U);
}

TEST_F(Vcek, OnePeersFetchesAreBoundedAndOthersGoOn) {
  budget_ = {{100, seconds(1)}, {2, seconds(10)}, 100};
  FakeKds service(InTurn({answer(404)}));
  const auto f = engine({kds(service)});
  amd::VcekRequest request = genoa_request();
  const auto ask_as = [&](std::string_view peer) {
    request.chip_id[0] = static_cast<std::uint8_t>(request.chip_id[0] + 1);
    return get(*f, request, peer).error().code().id();
  };
  EXPECT_EQ(ask_as("a"), "fetch.vcek_unavailable");
  EXPECT_EQ(ask_as("a"), "fetch.vcek_unavailable");
  EXPECT_EQ(ask_as("a"), "fetch.peer_budget_exhausted");
  EXPECT_EQ(ask_as("b"), "fetch.vcek_unavailable");
  EXPECT_EQ(service.requests().size(), 3U);
  rim_.clock.advance(seconds(10));
  EXPECT_EQ(ask_as("a"), "fetch.vcek_unavailable");
}

TEST_F(Vcek, AllPeersTogetherAreBounded) {
  budget_ = {{1, seconds(10)}, {10, seconds(1)}, 100};
  FakeKds service(InTurn({answer(404)}));
  const auto f = engine({kds(service)});
  EXPECT_TRUE(get(*f, genoa_request(), "a").error().is(Errc::vcek_unavailable));
  amd::VcekRequest other = genoa_request();
  other.chip_id[0] = 0;
  EXPECT_TRUE(get(*f, other, "b").error().is(Errc::budget_exhausted));
}

TEST_F(Vcek, TheOfflineStoreCostsNoBudget) {
  budget_ = {{0, seconds(10)}, {0, seconds(1)}, 100};
  mirror_.put_flat(genoa_vcek());
  EXPECT_TRUE(get_from({OfflineStore(mirror_.path())}).ok());
}

TEST_F(Vcek, ThoseWhoAskAtTheSameTimeShareOneFetch) {
  constexpr int kCallers = 8;
  std::latch all_asked(kCallers);
  FakeKds service([&](const std::string&) {
    all_asked.wait();  // answers only when everybody is on the way
    return answer(200, genoa_vcek());
  });
  const auto f =
      engine({rim_.kds(service, {{1, milliseconds(1), milliseconds(1)}, seconds(30), {}})});
  std::atomic<int> good = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      all_asked.count_down();
      good += get(*f).ok() ? 1 : 0;
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(good, kCallers);
  EXPECT_EQ(service.requests().size(), 1U);
}

TEST_F(Vcek, ADeadlineThatIsOverIsSaidSo) {
  FakeKds service(InTurn({answer(200, genoa_vcek())}));
  const auto f = engine({kds(service)});
  const auto late = get(*f, genoa_request(), "p", seconds(0));
  EXPECT_TRUE(late.error().is(Errc::deadline_exceeded));
}

}  // namespace
}  // namespace trustee::fetch
