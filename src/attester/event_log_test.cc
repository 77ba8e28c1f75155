#include "attester/event_log.h"

#include <gtest/gtest.h>

#include "attester/errors.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"

namespace trustee::attester {
namespace {

// Firmware's log of a TDX guest. Its last record does not end with 0xFF, so everything behind its
// last other byte is marker and padding.
struct EventLogTest : ::testing::Test {
  ByteVec firmware = file_bytes("tests/vectors/eventlog/CCEL_data_ovmf");
  ByteVec records = [this] {
    ByteVec out = firmware;
    while (!out.empty() && out.back() == 0xFF) {
      out.pop_back();
    }
    return out;
  }();
  FakeMachine fake;
};

ByteVec with_end(ByteVec log) {
  log.insert(log.end(), 8, 0xFF);
  return log;
}

TEST_F(EventLogTest, firmware_log_ends_at_its_marker) {
  const auto got = trimmed_firmware_log(firmware);
  ASSERT_TRUE(got.ok()) << got.error().to_string();
  EXPECT_TRUE(equal(*got, records));
}

TEST_F(EventLogTest, a_marker_of_zeros_counts_as_well) {
  ByteVec log = records;
  log.insert(log.end(), 8, 0);
  const auto got = trimmed_firmware_log(log);
  ASSERT_TRUE(got.ok());
  EXPECT_TRUE(equal(*got, records));
}

TEST_F(EventLogTest, a_log_cut_anywhere_is_refused) {
  for (std::size_t n = 0; n < records.size() + 8; ++n) {
    EXPECT_FALSE(trimmed_firmware_log(Bytes(firmware).first(n)).ok()) << n;
  }
  EXPECT_TRUE(trimmed_firmware_log(Bytes(firmware).first(records.size() + 8)).ok());
}

TEST_F(EventLogTest, unknown_digests_and_too_many_are_refused) {
  const ByteVec head(28, 1);  // a first record of another type has no more than that
  const auto log = [&](std::uint8_t count, std::uint8_t algorithm) {
    ByteVec out = head;
    out.insert(out.end(), 8, 1);
    out.insert(out.end(), {count, 0, 0, 0, algorithm, 0});
    out.insert(out.end(), 2000, 0);
    return out;
  };
  EXPECT_TRUE(trimmed_firmware_log(log(1, 0x0C)).ok());
  EXPECT_FALSE(trimmed_firmware_log(log(1, 0x27)).ok());
  EXPECT_FALSE(trimmed_firmware_log(log(kMaxDigests + 1, 0x0C)).ok());
}

TEST_F(EventLogTest, a_machine_without_logs_has_none) {
  const auto got = event_log(fake.machine);
  ASSERT_TRUE(got.ok());
  EXPECT_FALSE(got->has_value());
}

TEST_F(EventLogTest, run_time_events_follow_those_of_the_firmware) {
  fake.files.content[kCcelPath] = firmware;
  EXPECT_EQ(**event_log(fake.machine), with_end(records));
  fake.files.content[kDefaultAaelPath] = {1, 2, 3};
  ByteVec both = records;
  both.insert(both.end(), {1, 2, 3});
  EXPECT_EQ(**event_log(fake.machine), with_end(both));
}

TEST_F(EventLogTest, without_a_firmware_log_a_header_names_the_digests) {
  fake.machine.environment.aael_path = "/elsewhere";
  fake.files.content["/elsewhere"] = {1, 2, 3};
  // 69 bytes: EV_NO_ACTION of index 0 with 37 bytes, 24 of them zero, two digests.
  ByteVec expected = from_hex("0000000003000000");
  expected.insert(expected.end(), 20, 0);
  const ByteVec size = from_hex("25000000");
  expected.insert(expected.end(), size.begin(), size.end());
  expected.insert(expected.end(), 24, 0);
  const ByteVec digests = from_hex(
      "02000000"
      "0c003000"
      "12002000"
      "00"
      "010203");
  expected.insert(expected.end(), digests.begin(), digests.end());
  EXPECT_EQ(**event_log(fake.machine), with_end(expected));
}

TEST_F(EventLogTest, a_malformed_firmware_log_is_an_error_not_an_absence) {
  fake.files.content[kCcelPath] = ByteVec(100, 1);
  EXPECT_TRUE(event_log(fake.machine).error().is(Errc::event_log_malformed));
}

}  // namespace
}  // namespace trustee::attester
