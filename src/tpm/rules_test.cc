#include "tpm/rules.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "crypto/digest.h"
#include "tests/support/case.h"
#include "tests/support/tpm_builder.h"
#include "tpm/errors.h"
#include "tpm/tpm_test_data.h"

namespace trustee::tpm {
namespace {

Pcrs made_pcrs() {
  const ByteVec all = made("pcrs.bin");
  std::vector<ByteVec> values;
  for (std::size_t i = 0; i < kPcrCount; ++i) {
    values.push_back(to_vec(Bytes(all).subspan(32 * i, 32)));
  }
  return pcrs_of(values).value();
}

Result<void> check_selection(const std::vector<std::pair<std::uint16_t, ByteVec>>& selections) {
  const ByteVec message = TpmQuoteBuilder().with_selections(selections).message();
  return check_pcr_selection(parse_quote(message).value());
}

TEST(TpmRules, AQuoteOfATpmHoldsItsPcrs) {
  for (const char* name : {"rsa-quote.msg", "ecc-quote.msg"}) {
    const ByteVec message = made(name);
    const Quote quote = parse_quote(message).value();
    EXPECT_TRUE(check_pcr_selection(quote).ok());
    EXPECT_TRUE(check_pcr_digest(quote, made_pcrs(), crypto::Hash::sha256).ok());
    EXPECT_TRUE(check_nonce(quote, as_bytes("challenge")).ok());
    EXPECT_TRUE(fails_with(check_pcr_digest(quote, made_pcrs(), crypto::Hash::sha384),
                           Errc::pcr_digest_mismatch));
  }
}

TEST(TpmRules, AnySelectionButAllOfOneBankIsRefused) {
  CASE("CPU-93");
  const ByteVec all(3, 0xFF);
  EXPECT_TRUE(check_selection({{0x000B, all}}).ok());
  const std::vector<std::vector<std::pair<std::uint16_t, ByteVec>>> others = {
      {},
      {{0x000B, {0xFF, 0x40, 0x00}}},
      {{0x000B, {0xFF, 0xFF, 0xFE}}},
      {{0x000B, {0xFF, 0xFF}}},
      {{0x000B, {0xFF, 0xFF, 0xFF, 0x00}}},
      {{0x000C, all}},
      {{0x0004, all}},
      {{0x000B, all}, {0x000B, all}},
      {{0x000B, all}, {0x0004, {0, 0, 0}}},
      {{0x0004, {0, 0, 0}}, {0x000B, all}},
  };
  for (const auto& other : others) {
    EXPECT_TRUE(fails_with(check_selection(other), Errc::pcr_selection_mismatch));
  }
  // A quote of a real machine over PCR 0 to 7 and 14, and one of a software TPM.
  for (const ByteVec& message :
       {file_bytes("src/tpm/testdata/azure-few-pcrs.msg"), made("rsa-few-pcrs.msg")}) {
    EXPECT_TRUE(fails_with(check_pcr_selection(parse_quote(message).value()),
                           Errc::pcr_selection_mismatch));
  }
}

TEST(TpmRules, EveryFlippedBitOfAPcrIsRefused) {
  const ByteVec message = made("rsa-quote.msg");
  const Quote quote = parse_quote(message).value();
  for (std::size_t bit = 0; bit < kPcrCount * 256; ++bit) {
    Pcrs pcrs = made_pcrs();
    pcrs[bit / 256][bit % 256 / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_TRUE(
        fails_with(check_pcr_digest(quote, pcrs, crypto::Hash::sha256), Errc::pcr_digest_mismatch));
  }
}

TEST(TpmRules, TheNonceIsComparedExactly) {
  const ByteVec message = TpmQuoteBuilder().with_nonce(as_bytes("challenge")).message();
  const Quote quote = parse_quote(message).value();
  EXPECT_TRUE(check_nonce(quote, as_bytes("challenge")).ok());
  for (const std::string_view other : {"challengE", "challenge ", "challeng", "egnellahc", ""}) {
    EXPECT_TRUE(fails_with(check_nonce(quote, as_bytes(other)), Errc::nonce_mismatch)) << other;
  }
}

TEST(TpmRules, Pcr8HoldsTheInitDataHash) {
  CASE("CPU-88");
  Pcrs pcrs{};
  const ByteVec hash = from_hex("8505e4e25e50a27c5dc8147af88efbece627fbea55291911eff832d9ee127781");
  const ByteVec extended =
      from_hex("bddaccb9c52249e97a31baea61b7d91be8221a16e703d92148d04fb8e9c1dfdd");
  EXPECT_TRUE(fails_with(check_init_data(pcrs, hash), Errc::init_data_mismatch));
  std::copy(extended.begin(), extended.end(), pcrs[8].begin());
  EXPECT_TRUE(check_init_data(pcrs, hash).ok());
  pcrs[8][31] ^= 1U;
  EXPECT_TRUE(fails_with(check_init_data(pcrs, hash), Errc::init_data_mismatch));
}

TEST(TpmRules, InitDataOfAnotherLengthIsRefused) {
  CASE("CPU-95");
  const Pcrs pcrs{};
  for (const std::size_t size : {0U, 20U, 31U, 33U, 48U, 64U}) {
    EXPECT_TRUE(fails_with(check_init_data(pcrs, ByteVec(size, 1)), Errc::init_data_length));
  }
}

TEST(TpmRules, PcrsAre24ValuesOf32Bytes) {
  std::vector<ByteVec> values(kPcrCount, ByteVec(32, 1));
  EXPECT_TRUE(pcrs_of(values).ok());
  values[23].push_back(1);
  EXPECT_TRUE(fails_with(pcrs_of(values), Errc::pcr_malformed));
  values[23] = ByteVec(31, 1);
  EXPECT_TRUE(fails_with(pcrs_of(values), Errc::pcr_malformed));
  for (const std::size_t count : {0U, 8U, 9U, 23U, 25U}) {
    EXPECT_TRUE(
        fails_with(pcrs_of(std::vector<ByteVec>(count, ByteVec(32, 1))), Errc::pcr_malformed));
  }
}

TEST(TpmRules, ClaimsNumberThePcrsWithTwoDigits) {
  Pcrs pcrs{};
  pcrs[9][0] = 0xAB;
  const json::Object claims = pcr_claims(pcrs);
  EXPECT_EQ(claims.size(), kPcrCount);
  EXPECT_EQ(*claims.find("pcr09"), json::Value("ab" + std::string(62, '0')));
  EXPECT_TRUE(claims.contains("pcr00") && claims.contains("pcr23"));
}

}  // namespace
}  // namespace trustee::tpm
