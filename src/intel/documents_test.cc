#include <gtest/gtest.h>

#include "intel/intel_test_data.h"
#include "intel/qe_identity.h"
#include "intel/tcb_info.h"
#include "tests/support/file_bytes.h"

// Documents that are signed and wrong: what the readers refuse.

namespace trustee::intel {
namespace {

std::string tdx_info() { return TcbInfoBuilder().body(); }
std::string sgx_info() {
  TcbInfoBuilder b;
  b.tdx = false;
  return b.body();
}

TEST(ParseTcbInfo, ReadsWhatTheBuilderWrote) {
  TcbInfoBuilder b;
  b.levels[0].advisories = {"INTEL-SA-00001"};
  const auto info = parse_tcb_info(b.body()).value();
  EXPECT_EQ(info.tee, TeeType::tdx);
  EXPECT_EQ(codec::hex_encode(info.fmspc), "10206f000000");
  EXPECT_EQ(info.evaluation_number, 18U);
  EXPECT_EQ(info.levels[0].pcesvn, 11U);
  EXPECT_EQ(codec::hex_encode(info.levels[0].sgx), "05050202030100030000000000000000");
  EXPECT_EQ(codec::hex_encode(info.levels[0].tdx), "00000300000000000000000000000000");
  EXPECT_EQ(info.levels[0].verdict.advisories, std::vector<std::string>{"INTEL-SA-00001"});
  EXPECT_EQ(info.module_identities[0].levels[0].isvsvn, 4);
  EXPECT_EQ(parse_tcb_info(sgx_info()).value().tee, TeeType::sgx);
}

TEST(ParseTcbInfo, RefusesWhatHasNotItsForm) {
  const struct {
    const char* from;
    const char* to;
  } rows[] = {
      {"\"version\":3", "\"version\":4"},
      {"\"id\":\"TDX\"", "\"id\":\"TDY\""},
      {"\"id\":\"TDX\"", "\"id\":\"SGX\""},  // an SGX document with TDX modules
      {"\"tcbType\":0", "\"tcbType\":1"},
      {"\"tcbType\":0,", ""},
      {"2026-11-01T00:00:00Z", "2026-11-01 00:00:00"},
      {"2026-12-01T00:00:00Z", "2026-13-01T00:00:00Z"},
      {"\"fmspc\":\"10206F000000\"", "\"fmspc\":\"10206F0000\""},
      {"\"fmspc\":\"10206F000000\"", "\"fmspc\":\"10206F00000G\""},
      {"\"pceId\":\"0000\"", "\"pceId\":\"000000\""},
      {"\"tcbEvaluationDataNumber\":18", "\"tcbEvaluationDataNumber\":-1"},
      {"\"tcbEvaluationDataNumber\":18", "\"tcbEvaluationDataNumber\":4294967296"},
      {"\"tdxModule\"", "\"tdxMod\""},
      {"UpToDate", "UpToDat"},
      {"UpToDate", "SWHardeningNeeded"},  // a module's status
      {"{\"svn\":5}", "{\"svn\":256}"},
      {"{\"svn\":5},", ""},
      {"{\"svn\":5}", "{\"svn\":5},{\"svn\":5}"},
      {"\"pcesvn\":11", "\"pcesvn\":65536"},
      {"\"isvsvn\":4", "\"isvsvn\":65536"},
      {"\"id\":\"TDX\"", "\"id\":\"TDX\",\"id\":\"TDX\""},
  };
  ASSERT_TRUE(parse_tcb_info(tdx_info()).ok());
  for (const auto& row : rows) {
    EXPECT_EQ(refusal(parse_tcb_info(replaced(tdx_info(), row.from, row.to))),
              "intel.tcb_info_malformed")
        << row.from << " -> " << row.to;
  }
  for (const char* text : {"", "[]", "null", "{}", "{\"version\":3}"}) {
    EXPECT_EQ(refusal(parse_tcb_info(text)), "intel.tcb_info_malformed") << text;
  }
}

TEST(ParseTcbInfo, PassesOverUnknownMembersAndKeepsLetterCase) {
  EXPECT_TRUE(
      parse_tcb_info(replaced(tdx_info(), "\"tcbType\":0", "\"tcbType\":0,\"new\":[{}]")).ok());
  const auto lower = parse_tcb_info(replaced(tdx_info(), "10206F000000", "10206f000000"));
  EXPECT_EQ(codec::hex_encode(lower->fmspc), "10206f000000");
}

TEST(ParseTcbInfo, Version2NamesComponentsOneByOne) {
  std::string components;
  for (int i = 1; i <= 16; ++i) {
    components += std::string("\"sgxtcbcomp") + (i < 10 ? "0" : "") + std::to_string(i) +
                  "svn\":" + std::to_string(i) + ",";
  }
  const std::string body =
      R"({"version":2,"issueDate":"2026-11-01T00:00:00Z","nextUpdate":"2026-12-01T00:00:00Z",)"
      R"("fmspc":"10206F000000","pceId":"0000","tcbType":0,"tcbEvaluationDataNumber":5,)"
      R"("tcbLevels":[{"tcb":{)" +
      components + R"("pcesvn":7},"tcbDate":"2026-01-01T00:00:00Z","tcbStatus":"UpToDate"}]})";
  const auto info = parse_tcb_info(body);
  ASSERT_TRUE(info.ok()) << info.error().to_string();
  EXPECT_EQ(info->tee, TeeType::sgx);
  EXPECT_EQ(codec::hex_encode(info->levels[0].sgx), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_FALSE(parse_tcb_info(replaced(body, "\"sgxtcbcomp16svn\":16,", "")).ok());
}

TEST(ParseTcbInfo, LevelsAreFewDistinctAndDescending) {
  TcbInfoBuilder none;
  none.levels.clear();
  EXPECT_EQ(refusal(parse_tcb_info(none.body())), "intel.tcb_info_malformed");
  TcbInfoBuilder twice;
  twice.levels = {LevelText{}, LevelText{}};
  EXPECT_EQ(refusal(parse_tcb_info(twice.body())), "intel.tcb_info_malformed");
  TcbInfoBuilder many;
  many.levels.clear();
  for (unsigned i = 0; i <= kMaxTcbLevels; ++i) {
    LevelText level;
    level.pcesvn = i;
    many.levels.push_back(level);
  }
  EXPECT_EQ(refusal(parse_tcb_info(many.body())), "intel.tcb_info_malformed");
  many.levels.pop_back();
  const auto sorted = parse_tcb_info(many.body()).value();
  EXPECT_EQ(sorted.levels.front().pcesvn, kMaxTcbLevels - 1);
  EXPECT_EQ(sorted.levels.back().pcesvn, 0U);
}

TEST(ParseTcbInfo, CountsKeepTheirLimits) {
  TcbInfoBuilder b;
  b.modules.assign(kMaxTdxModuleIdentities, ModuleText{});
  EXPECT_TRUE(parse_tcb_info(b.body()).ok());
  b.modules.push_back(ModuleText{});
  EXPECT_FALSE(parse_tcb_info(b.body()).ok());
  b.modules.clear();
  EXPECT_TRUE(parse_tcb_info(b.body()).ok());
  b.levels[0].advisories.assign(kMaxAdvisories, "INTEL-SA-00001");
  EXPECT_TRUE(parse_tcb_info(b.body()).ok());
  b.levels[0].advisories.emplace_back("INTEL-SA-00001");
  EXPECT_FALSE(parse_tcb_info(b.body()).ok());
  const std::string deep(kMaxDocumentDepth, '[');
  EXPECT_FALSE(
      parse_tcb_info(replaced(tdx_info(), "\"tcbType\":0",
                              "\"tcbType\":0,\"x\":" + deep + std::string(kMaxDocumentDepth, ']')))
          .ok());
  EXPECT_FALSE(parse_tcb_info(tdx_info() + std::string(kMaxDocument, ' ')).ok());
}

TEST(ParseTcbInfo, EveryTruncationIsRefused) {
  const std::string body = tdx_info();
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(parse_tcb_info(body.substr(0, size)).ok()) << size;
  }
}

TEST(ParseQeIdentity, ReadsWhatTheBuilderWrote) {
  const auto identity = parse_qe_identity(QeIdentityBuilder().body()).value();
  EXPECT_EQ(identity.tee, TeeType::tdx);
  EXPECT_EQ(identity.isv_prod_id, 2);
  EXPECT_EQ(identity.mrsigner, (regularised<32>(ByteVec(32, 0xDD))));
  EXPECT_EQ(codec::hex_encode(identity.attributes_mask), "fbffffffffffffff0000000000000000");
  EXPECT_EQ(identity.levels[0].isvsvn, 4);
}

TEST(ParseQeIdentity, RefusesWhatHasNotItsForm) {
  const std::string good = QeIdentityBuilder().body();
  const struct {
    const char* from;
    const char* to;
  } rows[] = {
      {"\"id\":\"TD_QE\"", "\"id\":\"QVE\""},
      {"\"version\":2", "\"version\":3"},
      {"\"miscselect\":\"00000000\"", "\"miscselect\":\"000000\""},
      {"\"isvprodid\":2", "\"isvprodid\":65536"},
      {"\"isvprodid\":2", "\"isvprodid\":\"2\""},
      {"UpToDate", "SWHardeningNeeded"},
      {"UpToDate", "ConfigurationAndSWHardeningNeeded"},
      {"\"mrsigner\":\"DD", "\"mrsigner\":\""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(refusal(parse_qe_identity(replaced(good, row.from, row.to))),
              "intel.qe_identity_malformed")
        << row.from << " -> " << row.to;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_qe_identity(good.substr(0, size)).ok()) << size;
  }
}

TEST(ParseCollateralFile, EveryMemberIsNeeded) {
  const std::string text = file_text(vector_path("dcap-sets/tdx-v4-b0c06f000000.collateral.json"));
  ASSERT_TRUE(parse_collateral_file(text).ok());
  json::Value value = json::parse(text).value();
  for (const json::Member& m : *value.as_object()) {
    json::Value less = value;
    less.as_object()->remove(m.name);
    EXPECT_EQ(refusal(parse_collateral_file(json::write(less))), "intel.collateral_file_malformed")
        << m.name;
    less.as_object()->set(m.name, 1);
    EXPECT_EQ(refusal(parse_collateral_file(json::write(less))), "intel.collateral_file_malformed")
        << m.name;
  }
  EXPECT_EQ(refusal(parse_collateral_file("")), "intel.collateral_file_malformed");
}

}  // namespace
}  // namespace trustee::intel
