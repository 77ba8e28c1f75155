#include "reload/keeper.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "appraise/default_policies.h"
#include "authz/errors.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "rvps/service.h"
#include "tests/support/watched_namespace.h"

namespace trustee::reload {
namespace {

const Time kNow = codec::parse_rfc3339_seconds("2026-11-24T10:05:00Z").value();
constexpr std::string_view kAllow = "package policy\ndefault allow := true\n";
constexpr std::string_view kDeny = "package policy\ndefault allow := false\n";
constexpr std::string_view kBroken = "package policy\nallow {";

std::string message(std::string_view payload) {
  return R"({"version":"0.1.0","type":"sample","payload":")" +
         codec::base64_encode(as_bytes(payload)) + "\"}";
}

struct Fixture {
  explicit Fixture(bool coalescing = false)
      : policies(std::make_shared<WatchedNamespace>(coalescing)),
        attestation(std::make_shared<WatchedNamespace>(coalescing)),
        references(std::make_shared<WatchedNamespace>(coalescing)) {}

  void store_policy(std::string_view text) {
    ASSERT_TRUE(policies->put("resource-policy.rego", as_bytes(text), kv::Overwrite::yes).ok());
  }
  std::string policy() {
    const auto in_force = worlds.current()->resource_policy;
    return in_force == nullptr ? "none" : in_force->text();
  }
  std::string reference(std::string_view name) {
    const auto value = worlds.current()->references->get(name);
    return value.ok() && *value ? **value : "absent";
  }
  /// What a request does before it looks at the world.
  void look(Part part) {
    if (keeper.stale(part)) (void)keeper.refresh(part);
  }
  static world::World empty() {
    world::World out;
    out.attestation_policies = std::make_shared<const appraise::PolicySet>();
    out.references = std::make_shared<const rego::ReferenceSet>();
    out.not_ready = "no policy was loaded yet";
    return out;
  }

  std::shared_ptr<WatchedNamespace> policies, attestation, references;
  world::Worlds worlds{empty()};
  Mutex mutex;
  std::string notices;
  Keeper keeper{{policies, attestation, references}, worlds, [this](const std::string& text) {
                  MutexLock lock(mutex);
                  notices += text + "\n";
                }};
};

TEST(Keeper, stores_what_ships_in_an_empty_store_and_loads_it) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  EXPECT_EQ(f.policy(), kAllow);
  EXPECT_EQ(f.worlds.current()->not_ready, "");
  for (const auto& shipped : appraise::default_policies()) {
    EXPECT_TRUE(f.worlds.current()->attestation_policies->find(shipped.id).ok()) << shipped.id;
  }
  EXPECT_EQ(f.keeper.resource_policy_ids().value(), std::vector<std::string>{"resource-policy"});
}

TEST(Keeper, without_a_policy_that_ships_only_what_is_stored_counts) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(std::nullopt).ok());
  EXPECT_EQ(f.policy(), "none");
  EXPECT_EQ(f.worlds.current()->not_ready, "there is no resource policy");
  EXPECT_FALSE(f.policies->get("resource-policy.rego").value().has_value());
  f.store_policy(kDeny);
  f.look(Part::resource_policy);
  EXPECT_EQ(f.policy(), kDeny);
}

TEST(Keeper, replaces_nothing_that_is_stored_already) {
  Fixture f;
  f.store_policy(kDeny);
  const std::string own = "package policy\nimport rego.v1\ntrust_claims := {\"hardware\": 2}\n";
  ASSERT_TRUE(f.attestation->put("default_cpu.rego", as_bytes(own), kv::Overwrite::yes).ok());
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  EXPECT_EQ(f.policy(), kDeny);
  EXPECT_EQ((*f.worlds.current()->attestation_policies->find("default_cpu"))->text(), own);
}

TEST(Keeper, a_store_that_cannot_be_read_stops_the_start) {
  Fixture f;
  f.references->broken = true;
  EXPECT_TRUE(f.keeper.start(kAllow).error().is(kv::Errc::io));
}

TEST(Keeper, an_unusable_policy_at_the_start_denies_everything_and_is_not_ready) {
  for (const std::string_view text : {kBroken, std::string_view("\xff\xfe")}) {
    Fixture f;
    f.store_policy(text);
    ASSERT_TRUE(f.keeper.start(kAllow).ok());
    EXPECT_EQ(f.policy(), "none");
    EXPECT_NE(f.worlds.current()->not_ready, "");
    f.store_policy(kAllow);
    f.look(Part::resource_policy);
    EXPECT_EQ(f.policy(), kAllow);
    EXPECT_EQ(f.worlds.current()->not_ready, "");
  }
}

TEST(Keeper, readiness_does_not_quote_the_policy) {
  Fixture f;
  f.store_policy("package policy\nallow { input.password == \"hunter2\"");
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  EXPECT_EQ(f.worlds.current()->not_ready, "the stored resource policy is not usable");
  EXPECT_NE(f.notices.find("the stored resource policy is not usable: "), std::string::npos);
}

TEST(Keeper, sees_a_policy_changed_behind_its_back_once) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  EXPECT_FALSE(f.keeper.stale(Part::resource_policy));
  const auto generation = f.worlds.current()->generation;
  f.store_policy(kDeny);
  EXPECT_TRUE(f.keeper.stale(Part::resource_policy));
  ASSERT_TRUE(f.keeper.refresh(Part::resource_policy).ok());
  EXPECT_EQ(f.policy(), kDeny);
  EXPECT_FALSE(f.keeper.stale(Part::resource_policy));
  EXPECT_EQ(f.worlds.current()->generation, generation + 1);
  ASSERT_TRUE(f.keeper.refresh(Part::resource_policy).ok());
  EXPECT_EQ(f.worlds.current()->generation, generation + 1) << "nothing to do";
}

TEST(Keeper, an_unusable_policy_leaves_the_last_good_one_in_force) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kDeny).ok());
  f.store_policy(kBroken);
  f.look(Part::resource_policy);
  EXPECT_EQ(f.policy(), kDeny);
  EXPECT_EQ(f.worlds.current()->not_ready, "");
  EXPECT_NE(f.notices.find("not usable"), std::string::npos);
}

TEST(Keeper, a_policy_that_was_removed_is_in_force_no_more) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  ASSERT_TRUE(f.policies->remove("resource-policy.rego").ok());
  f.look(Part::resource_policy);
  EXPECT_EQ(f.policy(), "none");
  EXPECT_EQ(f.worlds.current()->not_ready, "there is no resource policy");
  EXPECT_NE(f.notices.find("there is no resource policy"), std::string::npos);
  f.store_policy(kDeny);
  f.look(Part::resource_policy);
  EXPECT_EQ(f.policy(), kDeny);
  EXPECT_EQ(f.worlds.current()->not_ready, "");
}

TEST(Keeper, a_store_that_went_away_leaves_the_last_good_part_in_force_and_is_asked_again) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kDeny).ok());
  f.policies->broken = true;
  EXPECT_TRUE(f.keeper.stale(Part::resource_policy)) << "could not check is not unchanged";
  EXPECT_TRUE(f.keeper.refresh(Part::resource_policy).error().is(kv::Errc::io));
  EXPECT_EQ(f.policy(), kDeny);
  f.policies->broken = false;
  f.store_policy(kAllow);
  f.look(Part::resource_policy);
  EXPECT_EQ(f.policy(), kAllow);
}

TEST(Keeper, a_look_takes_in_all_parts_and_tells_of_each_outage_once) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kDeny).ok());
  const auto told = [&f] {
    MutexLock lock(f.mutex);
    return std::count(f.notices.begin(), f.notices.end(), '\n');
  };
  for (int outages = 1; outages <= 2; ++outages) {
    f.policies->broken = true;
    f.keeper.look();
    f.keeper.look();
    EXPECT_EQ(told(), outages) << f.notices;
    EXPECT_EQ(f.policy(), kDeny);
    f.policies->broken = false;
    f.keeper.look();
  }
  f.store_policy(kAllow);
  const std::string own = "package policy\nimport rego.v1\ntrust_claims := {\"hardware\": 2}\n";
  ASSERT_TRUE(f.attestation->put("default_cpu.rego", as_bytes(own), kv::Overwrite::yes).ok());
  f.keeper.look();
  EXPECT_EQ(f.policy(), kAllow);
  EXPECT_EQ((*f.worlds.current()->attestation_policies->find("default_cpu"))->text(), own);
}

TEST(Keeper, a_lookout_takes_in_what_others_write) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kDeny).ok());
  const StoreLookout lookout(f.keeper);
  f.store_policy(kAllow);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (f.policy() != kAllow && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(f.policy(), kAllow);
}

TEST(Keeper, an_upload_is_compiled_before_it_is_stored) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kDeny).ok());
  const auto refused = f.keeper.set_resource_policy(kBroken);
  EXPECT_TRUE(refused.error().is(authz::Errc::policy_refused));
  EXPECT_EQ(as_text(*f.policies->get("resource-policy.rego").value()), kDeny);
  EXPECT_FALSE(f.keeper.set_attestation_policy("default_cpu", "package x").ok());
  ASSERT_TRUE(f.keeper.set_resource_policy(kAllow).ok());
  EXPECT_EQ(as_text(*f.policies->get("resource-policy.rego").value()), kAllow);
  EXPECT_EQ(f.policy(), kAllow);
  EXPECT_FALSE(f.keeper.stale(Part::resource_policy));
}

TEST(Keeper, an_upload_that_cannot_be_stored_is_not_in_force) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kDeny).ok());
  f.policies->broken = true;
  EXPECT_TRUE(f.keeper.set_resource_policy(kAllow).error().is(kv::Errc::io));
  EXPECT_EQ(f.policy(), kDeny);
}

TEST(Keeper, a_broken_attestation_policy_keeps_its_last_good_text_and_harms_no_other) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  const auto before = *f.worlds.current()->attestation_policies->find("default_cpu");
  ASSERT_TRUE(f.attestation->put("default_cpu.rego", as_bytes(kBroken), kv::Overwrite::yes).ok());
  ASSERT_TRUE(f.attestation->put("other.rego", as_bytes(kBroken), kv::Overwrite::yes).ok());
  f.look(Part::attestation_policies);
  const auto policies = f.worlds.current()->attestation_policies;
  EXPECT_EQ((*policies->find("default_cpu"))->text(), before->text());
  EXPECT_FALSE(policies->find("other").ok()) << "there never was a good one";
  EXPECT_TRUE(policies->find("default_gpu").ok());
}

TEST(Keeper, a_message_is_added_without_reading_the_store_again) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  const int reads = f.references->read_all;
  ASSERT_TRUE(f.keeper.register_references(message(R"({"a":["1"],"b":2})"), kNow).ok());
  ASSERT_TRUE(f.keeper.register_references(message(R"({"a":["3"]})"), kNow).ok());
  f.look(Part::references);
  EXPECT_EQ(f.reference("a"), R"(["3"])");
  EXPECT_EQ(f.reference("b"), "2");
  EXPECT_EQ(f.references->read_all, reads);
}

TEST(Keeper, a_message_that_is_refused_changes_nothing) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  EXPECT_FALSE(f.keeper.register_references("junk", kNow).ok());
  f.references->broken = true;
  EXPECT_FALSE(f.keeper.register_references(message(R"({"a":1})"), kNow).ok());
  EXPECT_EQ(f.reference("a"), "absent");
}

TEST(Keeper, another_writers_reference_is_not_lost_behind_our_own) {
  for (const bool coalescing : {false, true}) {
    Fixture f(coalescing);
    ASSERT_TRUE(f.keeper.start(kAllow).ok());
    // Another process registers `theirs`, we `ours`, before anybody looks.
    ASSERT_TRUE(rvps::register_message(*f.references, message(R"({"theirs":1})"), kNow).ok());
    ASSERT_TRUE(f.keeper.register_references(message(R"({"ours":2})"), kNow).ok());
    f.look(Part::references);
    EXPECT_EQ(f.reference("theirs"), "1") << coalescing;
    EXPECT_EQ(f.reference("ours"), "2") << coalescing;
  }
}

TEST(Keeper, a_message_without_values_does_not_pass_for_another_writers_step) {
  Fixture f;
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  ASSERT_TRUE(rvps::register_message(*f.references, message(R"({"theirs":1})"), kNow).ok());
  ASSERT_TRUE(f.keeper.register_references(message("{}"), kNow).ok());
  f.look(Part::references);
  EXPECT_EQ(f.reference("theirs"), "1");
}

TEST(Keeper, an_unreadable_record_takes_no_other_with_it) {
  Fixture f;
  ASSERT_TRUE(f.references->put("odd", as_bytes("{"), kv::Overwrite::yes).ok());
  ASSERT_TRUE(rvps::register_message(*f.references, message(R"({"good":1})"), kNow).ok());
  ASSERT_TRUE(f.keeper.start(kAllow).ok());
  EXPECT_EQ(f.reference("good"), "1");
  EXPECT_EQ(f.reference("odd"), "absent");
  EXPECT_NE(f.notices.find("odd"), std::string::npos);
}

TEST(Keeper, writers_and_readers_at_once_end_with_everything_in_force) {
  for (const bool coalescing : {false, true}) {
    Fixture f(coalescing);
    ASSERT_TRUE(f.keeper.start(kAllow).ok());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&f, t] {
        for (int i = 0; i < 10; ++i) {
          const std::string name = std::to_string(t) + "-" + std::to_string(i);
          const std::string text = message("{\"" + name + "\":1}");
          // Half of them write past the keeper, as another replica would.
          if (t % 2 == 0) {
            EXPECT_TRUE(f.keeper.register_references(text, kNow).ok());
          } else {
            EXPECT_TRUE(rvps::register_message(*f.references, text, kNow).ok());
          }
          f.look(Part::references);
        }
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
    f.look(Part::references);
    EXPECT_EQ(f.worlds.current()->references->size(), 40U) << coalescing;
  }
}

}  // namespace
}  // namespace trustee::reload
