#include "attester/tdx.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "attester/errors.h"
#include "attester/event_log.h"
#include "attester/quoting_service.h"
#include "attester/tsm_report.h"
#include "codec/base64.h"
#include "tests/support/case.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"

namespace trustee::attester {
namespace {

struct TdxTest : ::testing::Test {
  TdxTest() {
    fake.files.tsm = FakeTsm{};
    fake.files.tsm->provider = "tdx_guest\n";
    fake.files.tsm->outblob = [this](const ByteArray<64>& data) -> Result<ByteVec> {
      asked = to_vec(data);
      return quote;
    };
  }
  std::string evidence_text(const std::string& log) const {
    return R"({"cc_eventlog":)" + log + R"(,"quote":")" + codec::base64_encode(quote) + "\"}";
  }
  ByteVec quote = file_bytes("tests/vectors/tdx/tdx_quote_4.dat");
  ByteVec asked;
  FakeMachine fake;
};

TEST_F(TdxTest, evidence_is_quote_and_event_log) {
  EXPECT_EQ(json::write(*tdx_evidence(fake.machine, {})), evidence_text("null"));
  fake.files.content[kCcelPath] = file_bytes("tests/vectors/eventlog/CCEL_data_ovmf");
  const auto log = event_log(fake.machine);
  EXPECT_EQ(json::write(*tdx_evidence(fake.machine, {})),
            evidence_text('"' + codec::base64_encode(**log) + '"'));
}

TEST_F(TdxTest, report_data_is_padded_and_bounded) {
  CASE("CL-74");
  CASE("CL-75");
  ASSERT_TRUE(tdx_evidence(fake.machine, ByteVec(48, 9)).ok());
  ByteVec expected(48, 9);
  expected.resize(64);
  EXPECT_EQ(asked, expected);
  EXPECT_TRUE(tdx_evidence(fake.machine, ByteVec(65)).error().is(Errc::report_data_too_long));
}

TEST_F(TdxTest, a_broken_event_log_is_not_left_out) {
  fake.files.content[kCcelPath] = ByteVec(10);
  EXPECT_TRUE(tdx_evidence(fake.machine, {}).error().is(Errc::event_log_malformed));
}

TEST_F(TdxTest, configuration_id_comes_from_sysfs) {
  const std::string path = "/sys/devices/virtual/misc/tdx_guest/measurements/mrconfigid";
  fake.files.content[path] = ByteVec(48, 3);
  EXPECT_EQ(*tdx_config_id(fake.machine), ByteVec(48, 3));
  fake.files.content[path].pop_back();
  EXPECT_TRUE(tdx_config_id(fake.machine).error().is(Errc::answer_malformed));
}

// A TD report whose every byte tells where it stands; the quoting service on vsock.
struct TdxDeviceTest : TdxTest {
  TdxDeviceTest() {
    fake.files.tsm.reset();
    fake.files.content["/dev/tdx_guest"] = {};
    for (std::size_t i = 0; i < report.size(); ++i) {
      report[i] = static_cast<std::uint8_t>(i * 7);
    }
    fake.devices.on_control = [this](const std::string& path, unsigned long request, void* p) {
      EXPECT_EQ(path, "/dev/tdx_guest");
      EXPECT_EQ(request, 0xC4405401UL);  // _IOWR('T', 1, 1088 bytes)
      auto* bytes = static_cast<std::uint8_t*>(p);
      asked.assign(bytes, bytes + 64);
      std::copy(report.begin(), report.end(), bytes + 64);
      return error;
    };
    fake.devices.on_host = [this](std::uint32_t port, Bytes message) -> Result<ByteVec> {
      EXPECT_EQ(port, 4050U);
      // version 1.0, type 0, size, error 0, report size, no key ids
      const ByteVec head = from_hex(
          "01000000"
          "00000000"
          "18040000"
          "00000000"
          "00040000"
          "00000000");
      EXPECT_TRUE(equal(message.first(24), head));
      EXPECT_TRUE(equal(message.subspan(24), report));
      return answer;
    };
    answer = from_hex(
        "01000000"
        "01000000");
    le32(24 + quote.size());
    le32(0);
    le32(0);
    le32(quote.size());
    answer.insert(answer.end(), quote.begin(), quote.end());
  }
  void le32(std::size_t n) {
    for (unsigned i = 0; i < 4; ++i) {
      answer.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
    }
  }
  ByteArray<kTdReportSize> report{};
  ByteVec answer;
  int error = 0;
};

TEST_F(TdxDeviceTest, the_older_device_and_the_quoting_service_give_the_same) {
  EXPECT_TRUE(tdx_detected(fake.machine));
  const auto got = tdx_evidence(fake.machine, ByteVec(48, 9));
  ASSERT_TRUE(got.ok()) << got.error().to_string();
  EXPECT_EQ(json::write(*got), evidence_text("null"));
  EXPECT_EQ(asked[0], 9);
}

TEST_F(TdxDeviceTest, configuration_id_comes_from_a_td_report) {
  EXPECT_EQ(*tdx_config_id(fake.machine), ByteVec(report.begin() + 576, report.begin() + 624));
}

TEST_F(TdxDeviceTest, failures_of_device_and_service_are_told) {
  error = EIO;
  EXPECT_TRUE(tdx_evidence(fake.machine, {}).error().is(Errc::device_failed));
  error = 0;
  answer[12] = 5;
  const auto refused = tdx_evidence(fake.machine, {});
  EXPECT_TRUE(refused.error().is(Errc::quoting_service_failed));
  EXPECT_EQ(refused.error().detail(), "error 5");
  fake.devices.on_host = nullptr;
  EXPECT_TRUE(tdx_evidence(fake.machine, {}).error().is(Errc::file_missing));
}

TEST_F(TdxDeviceTest, an_answer_cut_or_changed_is_refused) {
  ASSERT_TRUE(quote_of_answer(answer).ok());
  for (const std::size_t n :
       {std::size_t{0}, std::size_t{15}, std::size_t{23}, answer.size() - 1}) {
    EXPECT_FALSE(quote_of_answer(Bytes(answer).first(n)).ok()) << n;
  }
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{4}, std::size_t{8}, std::size_t{16}, std::size_t{20}}) {
    ByteVec changed = answer;
    changed[i] ^= 1U;
    EXPECT_TRUE(quote_of_answer(changed).error().is(Errc::answer_malformed)) << i;
  }
}

}  // namespace
}  // namespace trustee::attester
