// The keeper on namespaces that nobody may write.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "appraise/default_policies.h"
#include "appraise/errors.h"
#include "reload/keeper.h"
#include "tests/support/case.h"
#include "tests/support/mounted_namespace.h"
#include "tests/support/temp_dir.h"

namespace trustee::reload {
namespace {

constexpr std::string_view kDefault = "package policy\ndefault allow := false\n# that ships\n";

kv::Entry entry(std::string key, std::string_view text) {
  return {std::move(key), to_vec(as_bytes(text))};
}

class KeeperOnMounts : public ::testing::Test {
 protected:
  KeeperOnMounts() {
    world::World first;
    first.attestation_policies = std::make_shared<const appraise::PolicySet>();
    first.references = std::make_shared<const rego::ReferenceSet>();
    worlds_.emplace(std::move(first));
    keeper_.emplace(Sources{policies_, attestation_, references_}, *worlds_,
                    [this](std::string text) { notices_.push_back(std::move(text)); });
  }
  void refresh() {
    for (const Part part : {Part::resource_policy, Part::attestation_policies, Part::references}) {
      (void)keeper_->refresh(part);
    }
  }
  std::string policy() {
    const auto now = worlds_->current()->resource_policy;
    return now == nullptr ? "none" : std::string(now->text());
  }
  std::string attestation_policy(std::string_view id) {
    const auto found = worlds_->current()->attestation_policies->find(id);
    return found.ok() ? (*found)->text() : std::string(found.error().code().id());
  }

  std::shared_ptr<MountedNamespace> policies_ = std::make_shared<MountedNamespace>();
  std::shared_ptr<MountedNamespace> attestation_ = std::make_shared<MountedNamespace>();
  std::shared_ptr<MountedNamespace> references_ = std::make_shared<MountedNamespace>();
  std::optional<world::Worlds> worlds_;
  std::optional<Keeper> keeper_;
  std::vector<std::string> notices_;
};

TEST_F(KeeperOnMounts, the_older_name_of_the_resource_policy_counts_where_the_newer_is_absent) {
  CASE("OP-79");
  policies_->mount({entry("policy.rego", "package policy\n# older\n")});
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  EXPECT_EQ(policy(), "package policy\n# older\n");
  policies_->mount({entry("policy.rego", "package policy\n# older\n"),
                    entry("resource-policy.rego", "package policy\n# newer\n")});
  refresh();
  EXPECT_EQ(policy(), "package policy\n# newer\n");
  policies_->mount({entry("policy.rego", "package policy\n# again\n")});
  refresh();
  EXPECT_EQ(policy(), "package policy\n# again\n");
}

TEST_F(KeeperOnMounts, without_a_resource_policy_everything_is_denied_until_there_is_one) {
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  EXPECT_EQ(policy(), "none");
  EXPECT_EQ(worlds_->current()->not_ready, "there is no resource policy");
  policies_->mount({entry("resource-policy.rego", kDefault)});
  refresh();
  EXPECT_EQ(policy(), kDefault);
  EXPECT_EQ(worlds_->current()->not_ready, "");
}

TEST_F(KeeperOnMounts, attestation_policies_that_ship_count_where_the_mount_has_none) {
  attestation_->mount({entry("default_cpu.rego", "package policy\n# the site's\n")});
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  EXPECT_EQ(attestation_policy("default_cpu"), "package policy\n# the site's\n");
  std::size_t shipped = 0;
  for (const auto& policy : appraise::default_policies()) {
    if (policy.id == "default_cpu") continue;
    EXPECT_EQ(attestation_policy(policy.id), policy.text) << policy.id;
    ++shipped;
  }
  EXPECT_GT(shipped, 0U);
  attestation_->mount({entry("default_gpu.rego", "package policy\n# too\n")});
  refresh();
  EXPECT_EQ(attestation_policy("default_gpu"), "package policy\n# too\n");
  EXPECT_EQ(attestation_policy("default_cpu"), "appraise.policy_not_found")
      << "what was removed is in force no more";
}

TEST_F(KeeperOnMounts, reference_values_that_cannot_be_listed_do_not_stop_the_start) {
  references_->broken = true;
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  ASSERT_FALSE(notices_.empty());
  EXPECT_TRUE(notices_.back().starts_with("there are no reference values: kv.malformed"))
      << notices_.back();
  EXPECT_TRUE(keeper_->stale(Part::references)) << "and they are looked at again";
}

TEST_F(KeeperOnMounts, is_behind_from_a_change_that_the_system_noticed_to_the_end_of_a_look) {
  const TempDir dir;
  policies_->lies_in = dir.path();
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  EXPECT_FALSE(keeper_->is_behind());
  policies_->mount({entry("policy.rego", "package policy\n# other\n")});
  std::ofstream(dir / "policy.rego") << "changed";
  EXPECT_TRUE(keeper_->is_behind());
  keeper_->catch_up();
  EXPECT_FALSE(keeper_->is_behind());
  EXPECT_EQ(policy(), "package policy\n# other\n");
}

TEST_F(KeeperOnMounts, catching_up_asks_no_store_when_a_look_has_ended_meanwhile) {
  const TempDir dir;
  policies_->lies_in = dir.path();
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  policies_->mount({entry("policy.rego", "package policy\n# other\n")});
  keeper_->catch_up();  // the system noticed nothing
  EXPECT_NE(policy(), "package policy\n# other\n");
}

TEST_F(KeeperOnMounts, says_once_that_the_system_tells_of_no_changes) {
  const TempDir dir;
  std::ofstream(dir / "file") << "x";
  policies_->lies_in = dir / "file";  // no directory
  ASSERT_TRUE(keeper_->start(kDefault).ok());
  keeper_->look();
  const auto told = std::ranges::count_if(notices_, [](const std::string& notice) {
    return notice.starts_with("the system does not tell of changes in the stores");
  });
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace trustee::reload
