#include <gtest/gtest.h>

#include "intel/intel_test_data.h"
#include "tests/support/flipped.h"

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
  std::string judge_flipped(std::size_t bit) { return judge(flipped(set_.quote, bit)); }

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

TEST_P(Mutation, EveryFlippedBitOfTheChainIsRefusedOrMeansNothing) {
  // The text between the lines' ends and behind the last certificate has bits without meaning: a
  // chain is let through only when it is, certificate by certificate, the one that was signed.
  const Quote quote = parse_quote(set_.quote).value();
  const ByteVec text = to_vec(quote.pck_chain());
  const auto good = read_pck_chain(as_text(text)).value();
  // Every bit of one chain; of the other, which has the same form, one in seven.
  const std::size_t step = quote.tee() == TeeType::tdx ? 1 : 7;
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; bit += step) {
    const ByteVec changed = flipped(text, bit);
    const auto chain = verify_pck_chain(as_text(changed), root_);
    if (!chain.ok()) continue;
    ++accepted;
    const PckChain& proved = **chain.value();
    ASSERT_EQ(proved.leaf.der(), good.at(0).der()) << "bit " << bit;
    ASSERT_EQ(proved.intermediate.der(), good.at(1).der()) << "bit " << bit;
    ASSERT_EQ(proved.root.der(), good.at(2).der()) << "bit " << bit;
  }
  EXPECT_LT(accepted, text.size() * 8 / 20);  // nearly every bit means something
  // And the quote goes the way of its chain.
  const std::size_t leaf = as_text(text).find('\n') + 40;
  EXPECT_NE(judge_flipped((quote.pck_chain_part.offset + leaf) * 8), "accepted");
}

INSTANTIATE_TEST_SUITE_P(Quotes, Mutation,
                         ::testing::Values("sgx-00a067110000-processor-ca", "tdx-v4-b0c06f000000"));

TEST(MutationOfChain, EveryTruncationIsRefused) {
  const Quote quote = parse_quote(vector_set("tdx-v4-b0c06f000000").quote).value();
  const std::string_view text = as_text(quote.pck_chain());
  const std::size_t end = text.rfind("-----END CERTIFICATE-----") + 25;
  ASSERT_TRUE(read_pck_chain(text.substr(0, end)).ok());
  EXPECT_EQ(accepted_beginnings(text.substr(0, end),
                                [](std::string_view cut) { return read_pck_chain(cut); }),
            0U);
}

/// What no public vector shows: the other versions and bodies.
struct Built {
  const char* name;
  QuoteBuilder quote;
  IntelBuilder with;
};

class MutationOfBuilt : public ::testing::TestWithParam<int> {
 protected:
  static Built built(int n) {
    const auto tdx = [](const char* name, QuoteBuilder quote) {
      return Built{name, std::move(quote), IntelBuilder::tdx()};
    };
    const auto sgx = [](const char* name, QuoteBuilder quote) {
      return Built{name, std::move(quote), IntelBuilder::sgx()};
    };
    if (n == 0) return tdx("TDX 5, TD 1.0", QuoteBuilder::tdx_v5_10());
    if (n == 1) return tdx("TDX 5, TD 1.5", QuoteBuilder::tdx_v5_15());
    if (n == 2) return tdx("TDX 5, TD 1.5 extended", QuoteBuilder::tdx_v5_15_extended());
    if (n == 3) return sgx("SGX 4", QuoteBuilder::sgx_v4());
    return sgx("SGX 5", QuoteBuilder::sgx_v5());
  }
};

TEST_P(MutationOfBuilt, EveryFlippedBitOfWhatIsSignedIsRefused) {
  const Built it = built(GetParam());
  const RootKey root = it.with.root();
  const auto collateral = verify_collateral(it.with.documents(), root).value();
  const ByteVec good = it.quote.sign(it.with.pki);
  PckCache cache;
  const auto accepted = [&](Bytes bytes) {
    const auto quote = parse_quote(bytes);
    return quote.ok() && verify_quote(*quote, {root, cache, collateral}, kIntelNow).ok();
  };
  ASSERT_TRUE(accepted(good)) << it.name;
  // Behind what is signed the formats are the same: the real quotes and one of these show it.
  const Quote quote = parse_quote(good).value();
  const bool whole = GetParam() == 3;
  const std::size_t end = whole ? quote.pck_chain_part.offset : quote.signed_part.size + 4 + 64;
  for (std::size_t bit = 0; bit < end * 8; ++bit) {
    ASSERT_FALSE(accepted(flipped(good, bit))) << it.name << " bit " << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(Quotes, MutationOfBuilt, ::testing::Range(0, 5));

}  // namespace
}  // namespace trustee::intel
