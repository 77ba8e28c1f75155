#include "appraise/trust_vector.h"

#include <gtest/gtest.h>

#include "appraise/errors.h"
#include "tests/support/case.h"

namespace trustee::appraise {
namespace {

std::string read(std::string_view text) {
  const auto vector = trust_vector_of(json::parse(text).value());
  return vector.ok() ? json::write(vector->to_json()) : std::string(vector.error().code().name());
}

TEST(TrustVector, tiers_follow_the_table_at_every_border) {
  CASE("AS-36");
  const std::pair<int, Tier> rows[] = {{2, Tier::affirming},
                                       {31, Tier::affirming},
                                       {32, Tier::warning},
                                       {95, Tier::warning},
                                       {96, Tier::contraindicated},
                                       {127, Tier::contraindicated},
                                       {-2, Tier::affirming},
                                       {-32, Tier::affirming},
                                       {-33, Tier::warning},
                                       {-96, Tier::warning},
                                       {-97, Tier::contraindicated},
                                       {-128, Tier::contraindicated},
                                       {-1, Tier::none},
                                       {0, Tier::none},
                                       {1, Tier::none}};
  for (const auto& [value, tier] : rows) {
    EXPECT_EQ(tier_of(static_cast<std::int8_t>(value)), tier) << value;
  }
}

TEST(TrustVector, only_claims_that_are_set_are_written_in_their_order) {
  EXPECT_EQ(read(R"({"hardware":2})"), R"({"hardware":2})");
  EXPECT_EQ(read(R"({"sourced-data":0,"configuration":3,"instance-identity":-1})"),
            R"({"instance-identity":-1,"configuration":3,"sourced-data":0})");
}

TEST(TrustVector, the_status_is_the_worst_tier_and_zero_lowers_nothing) {
  const auto status = [](std::string_view text) {
    return to_string(trust_vector_of(json::parse(text).value()).value().status());
  };
  EXPECT_EQ(status(R"({"hardware":2,"executables":0})"), "affirming");
  EXPECT_EQ(status(R"({"hardware":2,"executables":33})"), "warning");
  EXPECT_EQ(status(R"({"hardware":97,"executables":33})"), "contraindicated");
  EXPECT_EQ(to_string(TrustVector::all_zero().status()), "none");
  EXPECT_EQ(to_string(TrustVector().status()), "none");
}

TEST(TrustVector, refuses_what_is_no_vector) {
  EXPECT_EQ(read("{}"), "trust_claims_empty");
  EXPECT_EQ(read("[]"), "trust_claims_not_object");
  EXPECT_EQ(read(R"("<undefined>")"), "trust_claims_not_object");
  EXPECT_EQ(read(R"({"hardware":"2"})"), "trust_claim_not_number");
  EXPECT_EQ(read(R"({"hardware":2.0})"), "trust_claim_not_number");
  EXPECT_EQ(read(R"({"hardware":true})"), "trust_claim_not_number");
}

TEST(TrustVector, an_unknown_claim_is_named) {
  const auto vector = trust_vector_of(json::parse(R"({"hardware":2,"foo":2})").value());
  ASSERT_FALSE(vector.ok());
  EXPECT_TRUE(vector.error().is(Errc::trust_claim_unknown));
  EXPECT_EQ(vector.error().detail(), "`foo`");
}

TEST(TrustVector, integers_outside_eight_bits_are_refused_and_not_cut) {
  EXPECT_EQ(read(R"({"hardware":127})"), R"({"hardware":127})");
  EXPECT_EQ(read(R"({"hardware":-128})"), R"({"hardware":-128})");
  EXPECT_EQ(read(R"({"hardware":128})"), "trust_claim_out_of_range");
  EXPECT_EQ(read(R"({"hardware":258})"), "trust_claim_out_of_range");
  EXPECT_EQ(read(R"({"hardware":-129})"), "trust_claim_out_of_range");
  EXPECT_EQ(read(R"({"hardware":18446744073709551618})"), "trust_claim_out_of_range");
}

TEST(TrustVector, values_have_the_names_of_ar4si) {
  EXPECT_EQ(meaning(TrustClaim::executables, 33), "unrecognized run-time content");
  EXPECT_EQ(meaning(TrustClaim::hardware, 97), "unrecognized hardware");
  EXPECT_EQ(meaning(TrustClaim::hardware, 99), "cryptographic validation failed");
  EXPECT_EQ(meaning(TrustClaim::executables, 4), "");
}

TEST(TrustVector, names_round_trip) {
  for (const TrustClaim claim : kAllTrustClaims) {
    EXPECT_EQ(trust_claim_from_name(to_string(claim)), claim);
  }
  EXPECT_EQ(trust_claim_from_name("file_system"), std::nullopt);
}

}  // namespace
}  // namespace trustee::appraise
