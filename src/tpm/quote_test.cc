#include "tpm/quote.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "tests/support/tpm_builder.h"
#include "tpm/errors.h"
#include "tpm/tpm_test_data.h"

namespace trustee::tpm {
namespace {

TEST(Quote, OfATpmIsReadFieldByField) {
  const ByteVec message = made("rsa-quote.msg");
  const Quote quote = parse_quote(message).value();
  EXPECT_EQ(codec::hex_encode(quote.qualified_signer),
            "000b0479eb3e6693f3e0d2912e78561544f58f03a540fb17641719dbe8f778aa872f");
  EXPECT_EQ(as_text(quote.extra_data), "challenge");
  EXPECT_EQ(quote.clock, 0x411U);
  EXPECT_EQ(quote.reset_count, 1U);
  EXPECT_EQ(quote.restart_count, 0U);
  EXPECT_TRUE(quote.safe);
  EXPECT_EQ(quote.firmware_version, 0x2019102300163636U);
  ASSERT_EQ(quote.selections.size(), 1U);
  EXPECT_EQ(quote.selections[0].hash, 0x000B);
  EXPECT_EQ(codec::hex_encode(quote.selections[0].mask), "ffffff");
  EXPECT_EQ(codec::hex_encode(quote.pcr_digest),
            "019de64c9318655e422c3d0383116989"
            "6e31f02a1d74e4d8fef575bf4e0d75fa");
  EXPECT_TRUE(equal(quote.bytes, message));
}

TEST(Quote, OfTheBuilderIsReadAsWell) {
  const ByteVec nonce = {1, 2, 3};
  const ByteVec message = TpmQuoteBuilder().with_nonce(nonce).message();
  const Quote quote = parse_quote(message).value();
  EXPECT_TRUE(equal(quote.extra_data, nonce));
  EXPECT_EQ(quote.reset_count, 7U);
  EXPECT_EQ(quote.firmware_version, 0x2024012500120000U);
}

TEST(Quote, OtherStructuresAreRefused) {
  EXPECT_TRUE(fails_with(parse_quote(TpmQuoteBuilder().with_magic(0x54504D32).message()),
                         Errc::not_made_by_tpm));
  EXPECT_TRUE(
      fails_with(parse_quote(TpmQuoteBuilder().with_type(0x8017).message()), Errc::not_a_quote));
  EXPECT_TRUE(fails_with(parse_quote(TpmQuoteBuilder().with_trailing_byte().message()),
                         Errc::attest_malformed));
  EXPECT_TRUE(fails_with(parse_quote({}), Errc::attest_malformed));
}

TEST(Quote, CutAnywhereItIsRefused) {
  const ByteVec message = made("ecc-quote.msg");
  for (std::size_t n = 0; n < message.size(); ++n) {
    EXPECT_TRUE(fails_with(parse_quote(Bytes(message).first(n)), Errc::attest_malformed)) << n;
  }
}

TEST(Quote, LimitsHoldAndOnePastThemIsRefused) {
  const auto parsed = [](const TpmQuoteBuilder& builder) {
    const ByteVec message = builder.message();
    return parse_quote(message).ok();
  };
  EXPECT_TRUE(parsed(TpmQuoteBuilder().with_nonce(ByteVec(kMaxExtraData, 1))));
  EXPECT_FALSE(parsed(TpmQuoteBuilder().with_nonce(ByteVec(kMaxExtraData + 1, 1))));
  EXPECT_TRUE(parsed(TpmQuoteBuilder().with_pcr_digest(ByteVec(kMaxQuotedDigest, 1))));
  EXPECT_FALSE(parsed(TpmQuoteBuilder().with_pcr_digest(ByteVec(kMaxQuotedDigest + 1, 1))));
  std::vector<std::pair<std::uint16_t, ByteVec>> selections(
      kMaxSelections, {std::uint16_t{0x000B}, ByteVec(kMaxSelectMask, 1)});
  EXPECT_TRUE(parsed(TpmQuoteBuilder().with_selections(selections)));
  selections.front().second.push_back(1);
  EXPECT_FALSE(parsed(TpmQuoteBuilder().with_selections(selections)));
  selections.assign(kMaxSelections + 1, {std::uint16_t{0x000B}, ByteVec(3, 1)});
  EXPECT_FALSE(parsed(TpmQuoteBuilder().with_selections(selections)));
}

TEST(Quote, ABooleanOfTwoIsRefused) {
  ByteVec message = TpmQuoteBuilder().message();
  message[6 + 36 + 2 + 16] = 2;  // safe, behind header, signer, empty nonce, clock and counts
  EXPECT_TRUE(fails_with(parse_quote(message), Errc::attest_malformed));
}

}  // namespace
}  // namespace trustee::tpm
