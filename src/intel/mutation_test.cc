#include <gtest/gtest.h>

#include "intel/intel_test_data.h"

// Nothing that a signature covers can change without being seen.

namespace trustee::intel {
namespace {

class Mutation : public ::testing::TestWithParam<const char*> {
 protected:
  Mutation()
      : set_(vector_set(GetParam())),
        collateral_(verify_collateral(set_.documents, RootKey::built_in()).value()) {}

  /// The code of the refusal, or "accepted".
  std::string judge(Bytes bytes) {
    const auto quote = parse_quote(bytes);
    if (!quote.ok()) return quote.error().code().id();
    const auto outcome = verify_quote(*quote, {root_, cache_, collateral_}, set_.at);
    return outcome.ok() ? "accepted" : outcome.error().code().id();
  }
  std::string judge_flipped(std::size_t bit) {
    ByteVec changed = set_.quote;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    return judge(changed);
  }

  VectorSet set_;
  VerifiedCollateral collateral_;
  RootKey root_ = RootKey::built_in();
  PckCache cache_;
};

TEST_P(Mutation, EveryFlippedBitOfHeaderAndBodyIsRefused) {
  CASE("CPU-64");
  ASSERT_EQ(judge(set_.quote), "accepted");
  const std::size_t size = parse_quote(set_.quote)->signed_bytes().size();
  for (std::size_t bit = 0; bit < size * 8; ++bit) {
    const std::string code = judge_flipped(bit);
    ASSERT_NE(code, "accepted") << "bit " << bit;
    if (bit >= 54 * 8) {
      ASSERT_EQ(code, "intel.quote_signature_invalid") << "bit " << bit;
    }
  }
}

TEST_P(Mutation, EveryFlippedBitOfTheSignatureSectionUpToTheChainIsRefused) {
  const Quote quote = parse_quote(set_.quote).value();
  for (std::size_t bit = quote.signed_part.size * 8; bit < quote.pck_chain_part.offset * 8; ++bit) {
    ASSERT_NE(judge_flipped(bit), "accepted") << "bit " << bit;
  }
}

TEST_P(Mutation, EachPartHasItsOwnRefusal) {
  const Quote quote = parse_quote(set_.quote).value();
  EXPECT_EQ(judge_flipped(quote.qe_report_part.offset * 8 + 3),
            "intel.qe_report_signature_invalid");
  EXPECT_EQ(judge_flipped((quote.qe_auth_data_part.offset + 5) * 8),
            "intel.qe_report_data_mismatch");
  EXPECT_EQ(judge_flipped((quote.signed_part.size + 4) * 8 + 9), "intel.quote_signature_invalid");
  // The attestation key: vouched for by the QE report, so it is not used when changed.
  EXPECT_EQ(judge_flipped((quote.signed_part.size + 4 + 64) * 8), "intel.qe_report_data_mismatch");
}

TEST_P(Mutation, FlippedBitsOfTheChainAreRefusedOrMeanNothing) {
  // A sample of one bit in 61; base64 and the space between blocks have bits without meaning, so a
  // chain is let through only when its certificates are the same.
  const Quote quote = parse_quote(set_.quote).value();
  const auto good = read_pck_chain(as_text(quote.pck_chain())).value();
  const std::size_t from = quote.pck_chain_part.offset * 8;
  for (std::size_t bit = from; bit < from + quote.pck_chain_part.size * 8; bit += 61) {
    if (judge_flipped(bit) != "accepted") continue;
    ByteVec changed = set_.quote;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto same = read_pck_chain(as_text(parse_quote(changed)->pck_chain())).value();
    EXPECT_TRUE(same == good) << "bit " << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(Quotes, Mutation,
                         ::testing::Values("sgx-00a067110000-processor-ca", "tdx-v4-b0c06f000000"));

TEST(MutationV5, EveryFlippedBitOfHeaderDescriptorAndBodyIsRefused) {
  const IntelBuilder built = IntelBuilder::tdx();
  const RootKey root = built.root();
  const auto collateral = verify_collateral(built.documents(), root).value();
  const ByteVec good = QuoteBuilder::tdx_v5_15().sign(built.pki);
  PckCache cache;
  const auto accepted = [&](Bytes bytes) {
    const auto quote = parse_quote(bytes);
    return quote.ok() && verify_quote(*quote, {root, cache, collateral}, kIntelNow).ok();
  };
  ASSERT_TRUE(accepted(good));
  for (std::size_t bit = 0; bit < (54 + 648) * 8; ++bit) {
    ByteVec changed = good;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(accepted(changed)) << "bit " << bit;
  }
}

}  // namespace
}  // namespace trustee::intel
