#include "eventlog/replay.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "crypto/digest.h"
#include "eventlog/claims.h"
#include "eventlog/errors.h"
#include "eventlog/eventlog_test_data.h"
#include "tests/support/case.h"
#include "tests/support/flipped.h"

namespace trustee::eventlog {
namespace {

constexpr std::string_view kZeros =
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000";

struct RealRegisters {
  const char* name;
  std::string_view values[4];  ///< of index 1 to 4
};

constexpr RealRegisters kTdShim = {
    "td_shim",
    {"2dc712306a963eadb894ad47dbaa17df44814151555aee11cbb843becca88950"
     "ffd079664902e6f22c66f7c8213543f4",
     "0fa3be56af61208bbd179dc7b124988eb929319154663c539d6f46445ecac2fe"
     "c287075047ff7bd1922829fec28cd3cf",
     kZeros, kZeros}};
constexpr RealRegisters kOvmf = {"ovmf",
                                 {"8566f998798db09443b244c62de9a3041fb02e2e6936c4396d784bba2e901773"
                                  "29ec5aba3bb484404f2ab9cc90abe193",
                                  "775b9f6bfe99f8a31396f0d0218e67ffa796d3b96ccf961cbb0deba48c79c00f"
                                  "082cda1a5567c1c16305f1fc210c13c6",
                                  "94eaf7a7bf398ed8d888c91057ae0261802e4f3df084213a76ca7f0b5055ac9d"
                                  "2241de43cd58d9e8b49c503bbf25f34a",
                                  kZeros}};
constexpr RealRegisters kGrub = {"grub",
                                 {"cec0a104f691f60da2387fea3c2de00c4ac035e2bb479ff02edcce69039d9e99"
                                  "07f0b3e55031da3dc7038f423adebd79",
                                  "6c289e0c62182d41ebe97bdbc9872d10998a08eaa86adcdc684001a363207ee7"
                                  "2942c7522cdf00a4bbc3d784bed7b670",
                                  "08919d017ba0e52cd6d966351c7de16fe76c1d3d3d3da4554239e4c7d16cb8b8"
                                  "2a94e7eaea3a0e6e18eb690b999fd31e",
                                  kZeros}};
constexpr RealRegisters kGcp = {"gcp",
                                {"3300980705adf09d28b707b79699d9874892164280832be2c386a715b6e204e0"
                                 "897fb564a064f810659207ba862b304f",
                                 "204d49f78d29918fe7b2f694e76653861a0c2a018987d2c3a54266eff7372325"
                                 "24cf0af68c4d180e2f8c2c0937f21967",
                                 kZeros, kZeros}};
constexpr RealRegisters kAael = {"aael",
                                 {"b796e1c11396c198ae88794def4cb8e24fa9b35468287c298087f00d4de7433e"
                                  "4e31a297a4e5a03d4300fa6f3a96d47c",
                                  "3b0b906140fcea689c8774ac1eafcf0fef8e22ba81a047fd750ebd7df3235c27"
                                  "04df6106a758e31e5645e9838ff37406",
                                  "35f2801338c1b5fce96518f058c37e0fe9ed247a12dcd5f50d9c18fe4b6c7131"
                                  "1bb63fca2640c7915817b6aa412a8480",
                                  "5e4ecd49d3c7983d6f9ca36755b5cee0b423d7fa8c5a88aeb0681bd4698772bc"
                                  "37b4463dc5f722efe352a66417257dad"}};
// RTMR0 to RTMR3 of the TDX quote that was taken together with the log.
constexpr RealRegisters kCos113 = {
    "cos_113",
    {"3fa2f61f395b7f5feefb4ec2df61297f109ad8abcd6410c1b7df60f21f37b192"
     "97fc35e544039c7e1edece752afd17f6",
     "f62dbc072bd5d3f3438b7b35c39a727f5aea2ffc2473f43723953f530daf6250"
     "4f0a7944aa62c41a86e8a878c2b122c1",
     "4969684dc87381fc3b3134176c8d8806eaf0a901859f5f70cfae8d17714b46c1"
     "0a8de219048c9fc09f11f381a6fbe7c1",
     kZeros}};
constexpr RealRegisters kCsv = {
    "csv",
    {"d76c4b289abcdf0e904ac02df69d48cdc9047723024a605ecb17ecbcb9fb62e3",
     "0559c2040dc2045fe06015787de4d4b4d8636a99d298046c52700a100f1fdb64",
     "287078930b845b372d7a9504f34d09db7a1ca65c17f59c86fb388bdb4a2bb994",
     "0000000000000000000000000000000000000000000000000000000000000000"}};

/// Compares the real log with `values`; upper-case letters are not used in them.
Result<void> compare(const char* name, const std::vector<ByteVec>& values,
                     Algorithm algorithm = Algorithm::sha384) {
  const ByteVec bytes = real_log(name);
  const Log log = parse(bytes).value();
  std::vector<Register> registers;
  for (std::size_t i = 0; i < values.size(); ++i) {
    registers.push_back({static_cast<std::uint32_t>(i + 1), algorithm, values[i]});
  }
  return check_registers(log, registers);
}

std::vector<ByteVec> values_of(const RealRegisters& real) {
  std::vector<ByteVec> values;
  for (const std::string_view value : real.values) values.push_back(from_hex(value));
  return values;
}

TEST(Replay, RealLogsReplayToTheirRegisters) {
  CASE("AS-78");
  CASE("CPU-78");
  CASE("CPU-81");
  for (const RealRegisters& real : {kTdShim, kOvmf, kGrub, kGcp, kAael, kCos113}) {
    const auto compared = compare(real.name, values_of(real));
    EXPECT_TRUE(compared.ok()) << real.name;
  }
  EXPECT_TRUE(compare(kCsv.name, values_of(kCsv), Algorithm::sm3).ok());
}

TEST(Replay, AChangedRegisterIsNamedWithBothValues) {
  CASE("AS-79");
  CASE("CPU-79");
  for (const std::uint32_t index : {1U, 2U, 3U, 4U}) {
    std::vector<ByteVec> values = values_of(kTdShim);
    ByteVec& changed = values[index - 1];
    const std::string calculated = codec::hex_encode(changed);
    changed[0] ^= 0x10U;
    const auto compared = compare("td_shim", values);
    ASSERT_TRUE(fails_with(compared, Errc::register_mismatch));
    EXPECT_EQ(compared.error().detail(),
              "Eventlog does not pass measurement replay CC Event Log Measurement Register "
              "[index = " +
                  std::to_string(index) + "]. Calculated value: " + calculated +
                  ", Given value: " + codec::hex_encode(changed));
  }
}

/// Whether a log is read and replays to the four registers.
bool replays(Bytes bytes, const std::vector<Register>& registers) {
  const auto log = parse(bytes);
  return log.ok() && check_registers(*log, registers).ok();
}

TEST(Replay, EveryFlippedBitOfWhatTheRegistersMeasureIsRefused) {
  const ByteVec whole = real_log("cos_113");
  const std::vector<ByteVec> values = values_of(kCos113);
  std::vector<Register> registers;
  for (std::uint32_t i = 1; i <= 4; ++i) {
    registers.push_back({i, Algorithm::sha384, values[i - 1]});
  }
  ASSERT_TRUE(replays(whole, registers));
  const Log log = parse(whole).value();
  ASSERT_GT(log.events.size(), 20U);
  for (const Event& event : log.events) {
    ASSERT_GE(event.index, 1U);
    const auto digest = static_cast<std::size_t>(event.digests[0].value.data() - whole.data());
    const std::size_t head = digest - 14;  // index, type, count, algorithm
    for (std::size_t bit = head * 8; bit < (digest + 48) * 8; ++bit) {
      // The type is covered by the digest of the data at most, not by the register.
      if (bit >= (head + 4) * 8 && bit < (head + 8) * 8) continue;
      ASSERT_FALSE(replays(flipped(whole, bit), registers)) << "bit " << bit;
    }
  }
}

TEST(Replay, ARegisterOfAnotherLengthIsNoMatch) {
  std::vector<ByteVec> values = values_of(kTdShim);
  values[0].pop_back();
  EXPECT_TRUE(fails_with(compare("td_shim", values), Errc::register_mismatch));
  values[0].clear();
  EXPECT_TRUE(fails_with(compare("td_shim", values), Errc::register_mismatch));
}

TEST(Replay, NoActionEventsCountAsEveryOther) {
  const ByteVec digest(48, 9);
  const ByteVec bytes = LogBytes()
                            .event(1, EventType::no_action, {{0xC, digest}})
                            .event(2, EventType::ipl, {{0xC, digest}})
                            .bytes();
  const Log log = parse(bytes).value();
  const ByteVec zeros(48, 0);
  const ByteVec expected = to_vec(crypto::digest(crypto::Hash::sha384, {zeros, digest}).bytes());
  EXPECT_EQ(replay(log, 1, Algorithm::sha384), expected);
  EXPECT_EQ(replay(log, 2, Algorithm::sha384), expected);
  EXPECT_EQ(replay(log, 3, Algorithm::sha384), zeros);
}

TEST(Replay, AnEventThatTheRegisterDoesNotMeasureIsRefused) {
  const std::vector<DeclaredDigest> sizes = {{0xC, 48}, {0xB, 32}};
  const ByteVec zeros(48, 0);
  const Register r{1, Algorithm::sha384, zeros};
  // Without this rule each of these would stand in the claims beside what was measured.
  const std::vector<std::vector<DigestBytes>> unmeasured = {
      {}, {{0xB, ByteVec(32, 1)}}, {{0xC, ByteVec(48, 1)}, {0xC, ByteVec(48, 2)}}};
  for (const auto& digests : unmeasured) {
    const ByteVec bytes = LogBytes(sizes).event(1, EventType::event_tag, digests).bytes();
    const Log log = parse(bytes).value();
    EXPECT_TRUE(fails_with(check_registers(log, {&r, 1}), Errc::event_not_measured));
  }
  const ByteVec elsewhere = LogBytes(sizes).event(0, EventType::no_action, {}).bytes();
  const Log log = parse(elsewhere).value();
  EXPECT_TRUE(check_registers(log, {&r, 1}).ok());  // index 0 is not compared
}

TEST(Replay, AnAlgorithmThatIsNoHashMatchesNothing) {
  const Log log;
  const Register r{1, Algorithm::sha1, {}};
  EXPECT_TRUE(fails_with(check_registers(log, {&r, 1}), Errc::register_mismatch));
}

}  // namespace
}  // namespace trustee::eventlog
