#include "control/index.h"

#include <gtest/gtest.h>

namespace trustee::control {
namespace {

using operators::ObjectRef;

const k8s::WorkKey kOne{"KbsConfig", "n", "one"};
const k8s::WorkKey kTwo{"KbsConfig", "n", "two"};

std::string owners(const Index& index, const ObjectRef& object) {
  std::string out;
  for (const auto& owner : index.owners_of(object)) {
    out += owner.name + ' ';
  }
  return out;
}

TEST(Index, knows_who_looks_at_an_object) {
  Index index;
  index.set(kOne, {{"Secret", "n", "a"}, {"Secret", "n", "b"}});
  index.set(kTwo, {{"Secret", "n", "b"}});
  EXPECT_EQ(owners(index, {"Secret", "n", "a"}), "one ");
  EXPECT_EQ(owners(index, {"Secret", "n", "b"}), "one two ");
  EXPECT_EQ(owners(index, {"ConfigMap", "n", "a"}), "");
  EXPECT_EQ(owners(index, {"Secret", "m", "a"}), "");
  EXPECT_FALSE(index.is_wanted({"Secret", "n", "c"}));
}

TEST(Index, forgets_what_is_no_longer_looked_at) {
  Index index;
  index.set(kOne, {{"Secret", "n", "a"}, {"Secret", "n", "b"}});
  index.set(kOne, {{"Secret", "n", "b"}});
  EXPECT_EQ(owners(index, {"Secret", "n", "a"}), "");
  index.forget(kOne);
  EXPECT_EQ(owners(index, {"Secret", "n", "b"}), "");
}

TEST(Index, what_is_added_counts_until_it_is_set_anew) {
  Index index;
  index.set(kOne, {{"Secret", "n", "a"}});
  index.add(kOne, {"Secret", "n", "b"});
  index.add(kOne, {"Secret", "n", "b"});
  EXPECT_EQ(owners(index, {"Secret", "n", "a"}), "one ");
  EXPECT_EQ(owners(index, {"Secret", "n", "b"}), "one ");
  index.set(kOne, {{"Secret", "n", "a"}});
  EXPECT_EQ(owners(index, {"Secret", "n", "b"}), "");
}

TEST(Index, an_empty_name_stands_for_all_and_an_empty_namespace_for_everywhere) {
  Index index;
  index.set(kOne, {{"Pod", "n", ""}});
  index.set(kTwo, {{"TrusteeConfig", "", ""}});
  EXPECT_EQ(owners(index, {"Pod", "n", "x"}), "one ");
  EXPECT_EQ(owners(index, {"Pod", "m", "x"}), "");
  EXPECT_EQ(owners(index, {"TrusteeConfig", "m", "x"}), "two ");
}

}  // namespace
}  // namespace trustee::control
