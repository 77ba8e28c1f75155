#include "eventlog/log.h"

#include <gtest/gtest.h>

#include "eventlog/claims.h"
#include "eventlog/errors.h"
#include "eventlog/eventlog_test_data.h"
#include "tests/support/case.h"

namespace trustee::eventlog {
namespace {

TEST(EventLog, RealLogsHaveTheirEvents) {
  const struct {
    const char* name;
    std::size_t events;
  } cases[] = {{"td_shim", 5}, {"ovmf", 20}, {"grub", 37},   {"gcp", 21},
               {"aael", 87},   {"csv", 82},  {"cos_113", 43}};
  for (const auto& c : cases) {
    const ByteVec bytes = real_log(c.name);
    EXPECT_EQ(parse(bytes).value().events.size(), c.events) << c.name;
  }
}

TEST(EventLog, AnEventIsReadFieldByField) {
  const ByteVec bytes = LogBytes().event(2, EventType::ipl, {{0xC, ByteVec(48, 7)}}, "abc").bytes();
  const auto log = parse(bytes).value();
  ASSERT_EQ(log.events.size(), 1U);
  EXPECT_EQ(log.events[0].index, 2U);
  EXPECT_EQ(log.events[0].type, EventType::ipl);
  ASSERT_EQ(log.events[0].digests.size(), 1U);
  EXPECT_EQ(log.events[0].digests[0].algorithm, Algorithm::sha384);
  EXPECT_TRUE(equal(log.events[0].digests[0].value, ByteVec(48, 7)));
  EXPECT_EQ(as_text(log.events[0].data), "abc");
}

TEST(EventLog, EightBytesOfZeroOrOnesEndTheLog) {
  const ByteVec whole = LogBytes().event(1, EventType::separator, {}, "").bytes();
  for (const std::uint8_t fill : ByteVec{0x00, 0xFF}) {
    ByteVec marked = whole;
    marked.insert(marked.end(), 8, fill);
    marked.push_back(0x55);  // behind the mark nothing is read
    EXPECT_EQ(parse(marked).value().events.size(), 1U);
    marked.resize(whole.size() + 7);
    EXPECT_TRUE(fails_with(parse(marked), Errc::log_malformed));
  }
  EXPECT_EQ(parse(whole).value().events.size(), 1U);  // the end of the bytes ends it as well
}

TEST(EventLog, ADigestWhoseSizeIsNotDeclaredIsRefused) {
  CASE("AS-87");
  const ByteVec bytes = LogBytes().event(1, EventType::separator, {{0x12, ByteVec(32, 1)}}).bytes();
  const auto log = parse(bytes);
  ASSERT_TRUE(fails_with(log, Errc::digest_size_undeclared));
  EXPECT_EQ(log.error().detail(), "Missing digest size for algorithm: 12");
}

TEST(EventLog, AFirstRecordOfAnotherTypeDeclaresNothing) {
  ByteVec bytes = from_hex("00000000 04000000 0000000000000000000000000000000000000000 05000000");
  EXPECT_TRUE(parse(bytes).value().events.empty());  // its data are not skipped: none follow
  const ByteVec event = from_hex("01000000 04000000 00000000 00000000");
  bytes.insert(bytes.end(), event.begin(), event.end());
  EXPECT_EQ(parse(bytes).value().events.size(), 1U);
}

TEST(EventLog, UnknownTypesAndAlgorithmsAreRefused) {
  const ByteVec type = LogBytes().event(1, static_cast<EventType>(0x13), {}).bytes();
  auto log = parse(type);
  ASSERT_TRUE(fails_with(log, Errc::event_type_unknown));
  EXPECT_EQ(log.error().detail(), "Unknown event type detected: 0x13");
  const ByteVec digest = LogBytes().event(1, EventType::ipl, {{0x27, ByteVec(32, 1)}}).bytes();
  EXPECT_TRUE(fails_with(parse(digest), Errc::algorithm_unknown));
  EXPECT_TRUE(fails_with(parse(LogBytes({{0x27, 32}}).bytes()), Errc::algorithm_unknown));
}

TEST(EventLog, ADeclaredSizeMustBeTheAlgorithms) {
  EXPECT_TRUE(parse(LogBytes({{0xB, 32}, {0x4, 20}, {0xD, 64}, {0x12, 32}}).bytes()).ok());
  for (const std::uint16_t size : std::vector<std::uint16_t>{0, 47, 49, 512}) {
    EXPECT_TRUE(fails_with(parse(LogBytes({{0xC, size}}).bytes()), Errc::digest_size_wrong));
  }
  EXPECT_TRUE(parse(LogBytes({{0x1, 512}}).bytes()).ok());  // RSA: any size up to the limit
  EXPECT_TRUE(fails_with(parse(LogBytes({{0x1, 513}}).bytes()), Errc::log_too_large));
}

TEST(EventLog, TheBlockOfDigestSizesMustFillItsRecord) {
  ByteVec bytes = LogBytes().bytes();
  bytes[28] = static_cast<std::uint8_t>(bytes[28] + 1);  // one byte more than the block has
  bytes.push_back(0);
  EXPECT_TRUE(fails_with(parse(bytes), Errc::log_malformed));
  bytes[28] = static_cast<std::uint8_t>(bytes[28] - 2);  // cut before the vendor length
  EXPECT_TRUE(fails_with(parse(bytes), Errc::log_malformed));
}

TEST(EventLog, LimitsHoldAndOnePastThemIsRefused) {
  std::vector<DeclaredDigest> sizes(kMaxAlgorithms, {0xC, 48});
  EXPECT_TRUE(parse(LogBytes(sizes).bytes()).ok());
  sizes.push_back({0xC, 48});
  EXPECT_TRUE(fails_with(parse(LogBytes(sizes).bytes()), Errc::log_too_large));

  std::vector<DigestBytes> digests(kMaxDigests, {0xC, ByteVec(48, 0)});
  EXPECT_TRUE(parse(LogBytes().event(1, EventType::ipl, digests).bytes()).ok());
  digests.push_back(digests.front());
  EXPECT_TRUE(
      fails_with(parse(LogBytes().event(1, EventType::ipl, digests).bytes()), Errc::log_too_large));

  LogBytes many;
  for (std::size_t i = 0; i < kMaxEvents; ++i) many.event(1, EventType::separator, {});
  EXPECT_TRUE(parse(many.bytes()).ok());
  many.event(1, EventType::separator, {});
  EXPECT_TRUE(fails_with(parse(many.bytes()), Errc::log_too_large));

  ByteVec large = LogBytes().bytes();
  large.resize(kMaxLog, 0);
  EXPECT_TRUE(parse(large).ok());
  large.push_back(0);
  EXPECT_TRUE(fails_with(parse(large), Errc::log_too_large));
}

TEST(EventLog, CutAnywhereItIsAnErrorOrAShorterLog) {
  CASE("CPU-83");
  for (const char* name : {"ovmf", "grub", "csv"}) {
    const ByteVec whole = real_log(name);
    const std::size_t events = parse(whole).value().events.size();
    std::size_t shorter = 0;
    for (std::size_t n = 0; n < whole.size() - 8; ++n) {
      const ByteVec cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      const auto log = parse(cut);
      if (!log.ok()) continue;
      EXPECT_LT(log->events.size(), events) << name << " cut to " << n;
      EXPECT_TRUE(claims_of(*log).ok()) << name << " cut to " << n;
      ++shorter;  // cut exactly between two records
    }
    EXPECT_EQ(shorter, events) << name;
  }
}

TEST(EventLog, ALengthBeyondTheEndIsAnError) {
  CASE("CPU-83");
  const ByteVec whole = LogBytes().event(1, EventType::ipl, {{0xC, ByteVec(48, 7)}}, "abc").bytes();
  for (const std::uint32_t size : {4U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
    ByteVec bytes = whole;
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[bytes.size() - 7 + i] = static_cast<std::uint8_t>(size >> (8 * i));
    }
    EXPECT_FALSE(parse(bytes).ok()) << size;
  }
  ByteVec digest_cut(whole.begin(), whole.end() - 30);
  EXPECT_TRUE(fails_with(parse(digest_cut), Errc::log_malformed));
}

}  // namespace
}  // namespace trustee::eventlog
