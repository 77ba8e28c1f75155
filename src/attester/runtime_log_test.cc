#include "attester/runtime_log.h"

#include <gtest/gtest.h>

#include "attester/errors.h"
#include "attester/event_log.h"
#include "attester/linux_machine.h"
#include "attester/tdx.h"
#include "codec/hex.h"
#include "tests/support/case.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"

namespace trustee::attester {
namespace {

const RuntimeEvent kEvent = {"domain", "operation", "content"};

std::string digest_hex(crypto::Hash hash) {
  return codec::hex_encode(crypto::digest(hash, *event_data(kEvent)).bytes());
}

// Vectors of client-and-guest.md 4.4.
TEST(RuntimeEvent, has_the_digests_of_the_specification) {
  EXPECT_EQ(digest_hex(crypto::Hash::sha256),
            "46df8dacf00a07d34a83cdf56d7978697790787cf2ba1432ef7c38f22cd96351");
  EXPECT_EQ(digest_hex(crypto::Hash::sha384),
            "dad5f0e226318ffa9839b75a472c6aa7fdb5834949d0a0a22990cf04d5692440fb00f3aa0609db7e49cd8d"
            "793f670d02");
  EXPECT_EQ(digest_hex(crypto::Hash::sha512),
            "b708d222ca8bd44dfe6ba0c4ca2cbb72379276fba8091025217064be45a813e5d6124ccf073219edb617d1"
            "faf007d55061465bdf34b7437dbdc9a7405bd4e9c0");
}

TEST(RuntimeEvent, has_the_entry_of_the_specification) {
  CASE("CL-76");
  EXPECT_EQ(codec::hex_encode(*event_entry(4, crypto::Hash::sha384, kEvent)),
            "0400000006000000010000000c00dad5f0e226318ffa9839b75a472c6aa7fdb5834949d0a0a22990cf04d5"
            "692440fb00f3aa0609db7e49cd8d793f670d02200000004c45414118000000646f6d61696e206f70657261"
            "74696f6e20636f6e74656e74");
}

TEST(RuntimeEvent, refuses_newlines_and_what_would_shift_its_parts) {
  CASE("CL-77");
  const auto content = event_entry(4, crypto::Hash::sha384, {"a", "b", "c\nd"});
  ASSERT_FALSE(content.ok());
  EXPECT_TRUE(content.error().is(Errc::event_malformed));
  EXPECT_EQ(content.error().detail(), "content contains newline");
  for (const RuntimeEvent& event : {RuntimeEvent{"a b", "c", "d"}, RuntimeEvent{"a", "b c", "d"},
                                    RuntimeEvent{"a\n", "c", "d"}, RuntimeEvent{"a", "\nc", "d"}}) {
    EXPECT_TRUE(event_data(event).error().is(Errc::event_malformed));
  }
  EXPECT_TRUE(event_data({"a", "b", "c d e"}).ok());
}

TEST(PendingFile, begins_with_a_big_endian_offset) {
  CASE("CL-78");
  ByteVec file = from_hex("0000000000000200");
  const ByteVec value(48, 0xAB);
  const ByteVec entry = *event_entry(4, crypto::Hash::sha384, kEvent);
  file.insert(file.end(), value.begin(), value.end());
  file.insert(file.end(), entry.begin(), entry.end());
  const auto got = parse_pending(file, crypto::Hash::sha384);
  ASSERT_TRUE(got.ok()) << got.error().to_string();
  EXPECT_EQ(got->offset, 512U);
  EXPECT_EQ(got->expected, value);
  EXPECT_EQ(got->entry, entry);
  EXPECT_EQ(write_pending(*got), file);
}

TEST(PendingFile, cut_or_of_another_digest_is_refused) {
  const PendingEvent good{0, ByteVec(48), *event_entry(4, crypto::Hash::sha384, kEvent)};
  const ByteVec file = write_pending(good);
  for (std::size_t n = 0; n < 8 + 48 + 14 + 48; ++n) {
    EXPECT_FALSE(parse_pending(Bytes(file).first(n), crypto::Hash::sha384).ok()) << n;
  }
  EXPECT_FALSE(parse_pending(file, crypto::Hash::sha256).ok());
  EXPECT_FALSE(parse_pending(write_pending({kMaxEventLog + 1, good.expected, good.entry}),
                             crypto::Hash::sha384)
                   .ok());
}

TEST(TdxRegister, follows_the_table) {
  CASE("CL-79");
  const std::pair<std::uint32_t, std::uint32_t> rows[] = {{0, 4}, {1, 1},  {2, 2},  {6, 2}, {7, 1},
                                                          {8, 3}, {15, 3}, {16, 4}, {17, 4}};
  for (const auto& [pcr, index] : rows) {
    EXPECT_EQ(tdx_register_of_pcr(pcr), index) << pcr;
  }
}

constexpr const char* kRtmr3 = "/sys/devices/virtual/misc/tdx_guest/measurements/rtmr3:sha384";

struct LinuxFilesRoot {
  TempDir root;
  LinuxFiles files{root.path()};
};

// A TDX guest whose register extends as the hardware's does, and whose steps can be cut off.
struct RuntimeLogTest : ::testing::Test {
  RuntimeLogTest() {
    fake.files.content[kRtmr3] = ByteVec(48);
    fake.files.after_change = [this](const std::string& path) -> Result<void> {
      if (path == kRtmr3) {
        value = to_vec(
            crypto::digest(crypto::Hash::sha384, {value, fake.files.content[kRtmr3]}).bytes());
        fake.files.content[kRtmr3] = value;
      }
      if (--steps_left == 0) return Errc::file_failed;
      return {};
    };
  }
  Result<RuntimeLog> open() { return RuntimeLog::open(fake.machine, tdx_registers(fake.machine)); }
  ByteVec log() { return fake.files.content[kDefaultAaelPath]; }

  FakeMachine fake;
  ByteVec value = ByteVec(48);
  int steps_left = 0;
};

const ByteVec kEntry = *event_entry(4, crypto::Hash::sha384, kEvent);

ByteVec after(int events) {
  ByteVec value(48);
  const auto digest = crypto::digest(crypto::Hash::sha384, *event_data(kEvent));
  for (int i = 0; i < events; ++i) {
    value = to_vec(crypto::digest(crypto::Hash::sha384, {value, digest.bytes()}).bytes());
  }
  return value;
}

ByteVec entries(int events) {
  ByteVec out;
  for (int i = 0; i < events; ++i) {
    out.insert(out.end(), kEntry.begin(), kEntry.end());
  }
  return out;
}

TEST_F(RuntimeLogTest, an_event_extends_the_register_and_is_logged) {
  auto writer = open();
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->record(17, kEvent).ok());
  ASSERT_TRUE(writer->record(17, kEvent).ok());
  EXPECT_EQ(value, after(2));
  EXPECT_EQ(log(), entries(2));
  EXPECT_FALSE(fake.files.exists(kPendingPath));
}

// Steps of one event: pending file, register, log, pending file removed.
TEST_F(RuntimeLogTest, an_event_interrupted_after_any_step_is_made_good) {
  for (int cut = 1; cut <= 4; ++cut) {
    fake.files.content.erase(kDefaultAaelPath);
    fake.files.content.erase(kPendingPath);
    value = ByteVec(48);
    fake.files.content[kRtmr3] = value;
    auto writer = open();
    ASSERT_TRUE(writer.ok());
    steps_left = 0;
    ASSERT_TRUE(writer->record(17, kEvent).ok());
    steps_left = cut;
    EXPECT_FALSE(writer->record(17, kEvent).ok());
    steps_left = 0;
    const auto again = open();
    ASSERT_TRUE(again.ok()) << cut << ": " << again.error().to_string();
    EXPECT_EQ(value, after(2)) << cut;
    EXPECT_EQ(log(), entries(2)) << cut;
    EXPECT_FALSE(fake.files.exists(kPendingPath)) << cut;
  }
}

TEST_F(RuntimeLogTest, an_event_that_failed_is_made_good_before_the_next_one) {
  for (int cut = 1; cut <= 4; ++cut) {
    fake.files.content.erase(kDefaultAaelPath);
    value = ByteVec(48);
    fake.files.content[kRtmr3] = value;
    auto writer = open();
    ASSERT_TRUE(writer.ok());
    steps_left = cut;
    EXPECT_FALSE(writer->record(17, kEvent).ok());
    steps_left = 0;
    const auto next = writer->record(17, kEvent);
    ASSERT_TRUE(next.ok()) << cut << ": " << next.error().to_string();
    EXPECT_EQ(value, after(2)) << cut;
    EXPECT_EQ(log(), entries(2)) << cut;
    EXPECT_FALSE(fake.files.exists(kPendingPath)) << cut;
  }
}

TEST_F(RuntimeLogTest, no_event_is_recorded_over_one_that_cannot_be_made_good) {
  auto writer = open();
  ASSERT_TRUE(writer.ok());
  const ByteVec foreign = write_pending({0, after(3), kEntry});
  fake.files.content[kPendingPath] = foreign;
  EXPECT_TRUE(writer->record(17, kEvent).error().is(Errc::event_log_forked));
  EXPECT_EQ(value, after(0));
  EXPECT_EQ(fake.files.content[kPendingPath], foreign);
}

TEST_F(RuntimeLogTest, a_register_that_the_event_does_not_explain_is_refused) {
  fake.files.content[kPendingPath] = write_pending({0, after(3), kEntry});
  EXPECT_TRUE(open().error().is(Errc::event_log_forked));
  fake.files.content[kPendingPath] = write_pending({512, after(1), kEntry});
  EXPECT_TRUE(open().error().is(Errc::event_log_forked));
}

TEST_F(RuntimeLogTest, an_announcement_that_was_cut_off_is_none) {
  LinuxFilesRoot disk;
  fake.files.after_change = nullptr;
  // What an interruption while the pending file was being written leaves behind.
  ASSERT_TRUE(disk.files.make_directory("/run").ok());
  ASSERT_TRUE(disk.files.make_directory("/run/attestation-agent").ok());
  ASSERT_TRUE(disk.files.store(std::string(kPendingPath) + ".new", 0, ByteVec{1, 2, 3}).ok());
  Machine machine{
      disk.files,         fake.machine.devices,    fake.machine.metadata, fake.machine.open_tpm,
      fake.machine.pause, fake.machine.environment};
  Registers registers = tdx_registers(fake.machine);
  auto writer = RuntimeLog::open(machine, registers);
  ASSERT_TRUE(writer.ok()) << writer.error().to_string();
  ASSERT_TRUE(writer->record(17, kEvent).ok());
  EXPECT_EQ(*disk.files.read(kDefaultAaelPath, kMaxEventLog), entries(1));
  EXPECT_FALSE(disk.files.exists(kPendingPath));
  EXPECT_FALSE(disk.files.exists(std::string(kPendingPath) + ".new"));
}

TEST_F(RuntimeLogTest, a_malformed_pending_file_is_refused) {
  fake.files.content[kPendingPath] = {1, 2, 3};
  EXPECT_TRUE(open().error().is(Errc::event_log_malformed));
}

TEST_F(RuntimeLogTest, registers_are_0_to_3) {
  EXPECT_TRUE(tdx_extend(fake.machine, 4, {}).error().is(Errc::register_unknown));
  EXPECT_TRUE(tdx_register(fake.machine, 4).error().is(Errc::register_unknown));
  fake.files.content[kRtmr3] = ByteVec(47);
  EXPECT_TRUE(tdx_register(fake.machine, 3).error().is(Errc::answer_malformed));
  ASSERT_TRUE(tdx_extend(fake.machine, 3, ByteVec(64, 5)).ok());
  EXPECT_EQ(fake.files.writes.back(), std::string(kRtmr3) + "=" + std::string(48, 5));
}

}  // namespace
}  // namespace trustee::attester
