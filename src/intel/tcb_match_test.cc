#include "intel/tcb_match.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "intel/intel_test_data.h"
#include "intel/texts.h"

namespace trustee::intel {
namespace {

constexpr TcbStatus kAll[] = {TcbStatus::up_to_date,
                              TcbStatus::sw_hardening_needed,
                              TcbStatus::configuration_needed,
                              TcbStatus::configuration_and_sw_hardening_needed,
                              TcbStatus::out_of_date,
                              TcbStatus::out_of_date_configuration_needed,
                              TcbStatus::revoked};

std::string converged_text(TcbStatus platform, std::initializer_list<TcbStatus> components) {
  return std::string(to_string(converged(platform, {components.begin(), components.size()})));
}

TEST(Converged, AnOutdatedComponentOutdatesThePlatform) {
  using S = TcbStatus;
  EXPECT_EQ(converged_text(S::up_to_date, {S::out_of_date}), "OutOfDate");
  EXPECT_EQ(converged_text(S::sw_hardening_needed, {S::out_of_date}), "OutOfDate");
  EXPECT_EQ(converged_text(S::configuration_needed, {S::out_of_date}),
            "OutOfDateConfigurationNeeded");
  EXPECT_EQ(converged_text(S::configuration_and_sw_hardening_needed, {S::out_of_date}),
            "OutOfDateConfigurationNeeded");
  EXPECT_EQ(converged_text(S::out_of_date, {S::out_of_date}), "OutOfDate");
  EXPECT_EQ(converged_text(S::out_of_date_configuration_needed, {S::out_of_date}),
            "OutOfDateConfigurationNeeded");
}

TEST(Converged, ARevokedComponentRevokesAndNothingUndoesIt) {
  for (const TcbStatus platform : kAll) {
    for (const TcbStatus other : kAll) {
      EXPECT_EQ(converged_text(platform, {TcbStatus::revoked, other}), "Revoked");
      EXPECT_EQ(converged_text(platform, {other, TcbStatus::revoked}), "Revoked");
      EXPECT_EQ(converged_text(TcbStatus::revoked, {other}), "Revoked");
    }
  }
}

TEST(Converged, OtherStatusesOfComponentsSayNothing) {
  for (const TcbStatus platform : kAll) {
    for (const TcbStatus component : kAll) {
      if (component == TcbStatus::out_of_date || component == TcbStatus::revoked) continue;
      EXPECT_EQ(converged(platform, std::span(&component, 1)), platform);
    }
  }
}

TEST(QuoteStatusOf, AdvisesRelaunchExactlyWhenItHelps) {
  using S = TcbStatus;
  for (const S launch : kAll) {
    for (const S current : kAll) {
      const auto status = quote_status(launch, current);
      if (launch == S::revoked || current == S::revoked) {
        EXPECT_EQ(refusal(status), "intel.tcb_revoked");
        continue;
      }
      const std::string text(to_string(*status));
      const bool outdated =
          launch == S::out_of_date || launch == S::out_of_date_configuration_needed;
      const bool current_is_not =
          current != S::out_of_date && current != S::out_of_date_configuration_needed;
      if (!outdated || !current_is_not) {
        EXPECT_EQ(text, to_string(launch));
        continue;
      }
      const bool configuration = launch == S::out_of_date_configuration_needed ||
                                 current == S::configuration_needed ||
                                 current == S::configuration_and_sw_hardening_needed;
      EXPECT_EQ(text, configuration ? "TDRelaunchAdvisedConfigurationNeeded" : "TDRelaunchAdvised");
    }
  }
}

// The same rules through whole quotes, with documents of a hierarchy of our own.

std::string status_of(const IntelBuilder& with,
                      const QuoteBuilder& quote = QuoteBuilder::tdx_v4()) {
  const auto outcome = judged(quote, with);
  if (!outcome.ok()) return upstream_text(outcome.error()).value_or(outcome.error().to_string());
  return std::string(to_string(attested(outcome)->status));
}

constexpr const char* kRevoked = "tee_verify_quote failed: 0xe032 - TCB is revoked.";

TEST(Status, AnOutdatedQuotingEnclaveOutdatesThePlatform) {
  CASE("CPU-65");
  IntelBuilder with = IntelBuilder::tdx();
  with.qe_identity.levels[0].status = "OutOfDate";
  EXPECT_EQ(status_of(with), "OutOfDate");
}

TEST(Status, ConfigurationNeededWithAnOutdatedModuleIsBoth) {
  CASE("CPU-66");
  IntelBuilder with = IntelBuilder::tdx();
  with.tcb_info.levels[0].status = "ConfigurationNeeded";
  with.tcb_info.modules[0].levels[0].status = "OutOfDate";
  EXPECT_EQ(status_of(with), "OutOfDateConfigurationNeeded");
}

TEST(Status, AQuotingEnclaveThatNeedsConfigurationSaysNothing) {
  CASE("CPU-67");
  IntelBuilder with = IntelBuilder::tdx();
  with.qe_identity.levels[0].status = "ConfigurationNeeded";
  EXPECT_EQ(status_of(with), "UpToDate");
}

TEST(Status, AnythingRevokedIsRefused) {
  CASE("CPU-68");
  IntelBuilder platform = IntelBuilder::tdx();
  platform.tcb_info.levels[0].status = "Revoked";
  EXPECT_EQ(status_of(platform), kRevoked);
  IntelBuilder enclave = IntelBuilder::tdx();
  enclave.qe_identity.levels[0].status = "Revoked";
  EXPECT_EQ(status_of(enclave), kRevoked);
  IntelBuilder module = IntelBuilder::tdx();
  module.tcb_info.modules[0].levels[0].status = "Revoked";
  EXPECT_EQ(status_of(module), kRevoked);
}

/// A TD of TDX 1.5 launched at module svn 3 on a platform that is now at svn 5.
std::string relaunch(const char* launch, const char* now) {
  IntelBuilder with = IntelBuilder::tdx();
  LevelText high;
  LevelText low;
  high.tdx = {0, 0, 4};
  high.tdx.resize(16, 0);
  high.status = now;
  low.status = launch;
  with.tcb_info.levels = {high, low};
  const ByteVec launched = from_hex("05010300000000000000000000000000");
  const ByteVec current = from_hex("05010400000000000000000000000000");
  QuoteBuilder quote = QuoteBuilder::tdx_v5_15();
  const auto outcome = judged(quote.with_tee_tcb_svn(launched).with_tee_tcb_svn2(current), with);
  if (!outcome.ok()) return outcome.error().code().id();
  return std::string(to_string(attested(outcome)->status)) + "/" +
         std::string(to_string(attested(outcome)->current.status));
}

TEST(Status, OfTdsThatWereLaunchedBeforeAnUpdate) {
  CASE("CPU-69");
  EXPECT_EQ(relaunch("OutOfDate", "UpToDate"), "TDRelaunchAdvised/UpToDate");
  EXPECT_EQ(relaunch("OutOfDate", "ConfigurationNeeded"),
            "TDRelaunchAdvisedConfigurationNeeded/ConfigurationNeeded");
  EXPECT_EQ(relaunch("OutOfDate", "OutOfDate"), "OutOfDate/OutOfDate");
  EXPECT_EQ(relaunch("UpToDate", "OutOfDate"), "UpToDate/OutOfDate");
  EXPECT_EQ(relaunch("OutOfDate", "Revoked"), "intel.tcb_revoked");
}

TEST(Status, ACurrentModuleWithoutLevelIsRefused) {
  QuoteBuilder quote = QuoteBuilder::tdx_v5_15();
  quote.with_tee_tcb_svn2(from_hex("05010200000000000000000000000000"));
  EXPECT_EQ(refusal(judged(quote, IntelBuilder::tdx())), "intel.tcb_not_supported");
}

TEST(TdxModule, OfAVersionWithoutIdentityIsRefused) {
  CASE("CPU-70");
  QuoteBuilder quote = QuoteBuilder::tdx_v4();
  quote.with_tee_tcb_svn(from_hex("05020300000000000000000000000000"));
  const auto outcome = judged(quote, IntelBuilder::tdx());
  EXPECT_EQ(refusal(outcome), "intel.tdx_module_mismatch");
  EXPECT_EQ(upstream_text(outcome.error()),
            "tee_verify_quote failed: 0xe060 - TDX SEAM module identity is NOT match to Intel "
            "signed TDX SEAM module.");
}

TEST(TdxModule, WithAttributesOrAnotherSignerIsRefused) {
  CASE("CPU-71");
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4().with_seam_attribute(), IntelBuilder::tdx())),
            "intel.tdx_module_mismatch");
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4().with_body_byte(64, 1), IntelBuilder::tdx())),
            "intel.tdx_module_mismatch");
}

TEST(TdxModule, IsFoundByTwoUpperCaseHexDigitsInAnyCase) {
  TcbInfo info;
  info.module_identities = {{"TDX_01", {}, {}}, {"tdx_0a", {}, {}}};
  EXPECT_EQ(find_module(info, 1)->id, "TDX_01");
  EXPECT_EQ(find_module(info, 10)->id, "tdx_0a");
  EXPECT_EQ(find_module(info, 2), nullptr);
  EXPECT_EQ(find_module(info, 0), nullptr);
}

TEST(Levels, OrderInTheDocumentMeansNothing) {
  CASE("CPU-72");
  IntelBuilder with = IntelBuilder::tdx();
  LevelText newest;
  newest.pcesvn = 13;
  LevelText fitting;
  fitting.status = "SWHardeningNeeded";
  fitting.advisories = {"INTEL-SA-00002", "INTEL-SA-00001"};
  LevelText oldest;
  oldest.sgx.assign(16, 0);
  oldest.pcesvn = 5;
  oldest.status = "OutOfDate";
  std::vector<LevelText> levels{fitting, newest, oldest};
  std::ranges::sort(levels, {}, &LevelText::pcesvn);
  do {
    with.tcb_info.levels = levels;
    EXPECT_EQ(status_of(with), "SWHardeningNeeded");
  } while (std::ranges::next_permutation(levels, {}, &LevelText::pcesvn).found);
}

TEST(Levels, AdvisoriesOfAllMatchedLevelsAreSortedOnceEach) {
  IntelBuilder with = IntelBuilder::tdx();
  with.tcb_info.levels[0].advisories = {"INTEL-SA-00009", "INTEL-SA-00002"};
  with.tcb_info.modules[0].levels[0].advisories = {"INTEL-SA-00002"};
  with.tcb_info.modules[0].levels[0].date = "2026-02-02T00:00:00Z";
  with.qe_identity.levels[0].advisories = {"INTEL-SA-00001"};
  const auto quote = attested(judged(QuoteBuilder::tdx_v4(), with));
  EXPECT_EQ(quote->launch.advisories,
            (std::vector<std::string>{"INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00009"}));
  EXPECT_EQ(quote->launch.date, at("2026-02-02"));
}

TEST(Levels, EachComponentMustReachTheLevel) {
  IntelBuilder with = IntelBuilder::tdx();
  ASSERT_EQ(status_of(with), "UpToDate");
  for (std::size_t i = 0; i < 16; ++i) {
    IntelBuilder higher = with;
    higher.tcb_info.levels[0].sgx[i] += 1;
    EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), higher)), "intel.tcb_not_supported") << i;
  }
  for (std::size_t i = 2; i < 16; ++i) {
    IntelBuilder higher = with;
    higher.tcb_info.levels[0].tdx[i] += 1;
    EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), higher)), "intel.tcb_not_supported") << i;
  }
  IntelBuilder pce = with;
  pce.tcb_info.levels[0].pcesvn += 1;
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), pce)), "intel.tcb_not_supported");
  IntelBuilder enclave = with;
  enclave.qe_identity.levels[0].isvsvn = 7;
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), enclave)), "intel.tcb_not_supported");
  IntelBuilder module = with;
  module.tcb_info.modules[0].levels[0].isvsvn = 6;
  EXPECT_EQ(refusal(judged(QuoteBuilder::tdx_v4(), module)), "intel.tcb_not_supported");
}

TEST(Levels, TheFirstTwoTdxComponentsCountOnlyWithoutModuleVersion) {
  IntelBuilder with = IntelBuilder::tdx();
  with.tcb_info.levels[0].tdx[0] = 6;
  EXPECT_EQ(status_of(with), "UpToDate");
  QuoteBuilder unversioned = QuoteBuilder::tdx_v4();
  unversioned.with_tee_tcb_svn(from_hex("05000300000000000000000000000000"));
  EXPECT_EQ(refusal(judged(unversioned, with)), "intel.tcb_not_supported");
  with.tcb_info.levels[0].tdx[0] = 5;
  EXPECT_EQ(status_of(with, unversioned), "UpToDate");
}

}  // namespace
}  // namespace trustee::intel
