#include <concepts>

#include <gtest/gtest.h>

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

TEST(Claims, OnlyTheVerifierCanSealAValueAndNobodyCanChangeIt) {
  static_assert(!std::constructible_from<Verified<Thing>, Thing>);
  static_assert(!std::default_initializable<Verified<Thing>>);
  static_assert(
      std::is_const_v<std::remove_reference_t<decltype(*std::declval<Verified<Thing>&>())>>);
  EXPECT_EQ(VerifierOf<Thing>::seal(Thing{7})->n, 7);
}

}  // namespace
}  // namespace trustee::claims
