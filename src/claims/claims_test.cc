#include <concepts>

#include <gtest/gtest.h>

#include "claims/claim_set.h"
#include "claims/verified.h"

namespace trustee::claims {

namespace {
struct Thing {
  int n = 0;
};
}  // namespace

template <>
struct VerifierOf<Thing> {
  static Verified<Thing> seal(Thing t) { return Verified(t); }
};

namespace {

TEST(Claims, TeeClassesHaveTheirWireNames) {
  EXPECT_EQ(to_string(TeeClass::cpu), "cpu");
  EXPECT_EQ(to_string(TeeClass::gpu), "gpu");
  EXPECT_EQ(to_string(TeeClass::switch_), "switch");
  EXPECT_EQ(to_string(TeeClass::ppcie), "ppcie");
  EXPECT_EQ(to_string(TeeClass::dcu), "dcu");
  EXPECT_EQ(to_string(TeeClass::nvidia_dpu), "nvidia-dpu");
}

TEST(Claims, OnlyTheVerifierCanSealAValueAndNobodyCanChangeIt) {
  static_assert(!std::constructible_from<Verified<Thing>, Thing>);
  static_assert(!std::default_initializable<Verified<Thing>>);
  static_assert(
      std::is_const_v<std::remove_reference_t<decltype(*std::declval<Verified<Thing>&>())>>);
  EXPECT_EQ(VerifierOf<Thing>::seal(Thing{7})->n, 7);
}

}  // namespace
}  // namespace trustee::claims
