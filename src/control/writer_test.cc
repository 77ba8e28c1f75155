#include "control/writer.h"

#include <gtest/gtest.h>

#include <thread>

#include "operator/applied.h"
#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

using Lines = std::vector<std::string>;

json::Object object(std::string_view text) { return *json::parse(text)->as_object(); }

/// An API server whose objects stand in a list; writes are answered from the script.
class Wire final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token& s) override {
    if (r.method != "GET") return writes.exchange(r, s);
    if (r.target.find("limit=") != std::string::npos) {
      const bool stored_kind = r.target.find("/kbsconfigs") != std::string::npos;
      return whole_list(stored_kind ? stored : std::string());
    }
    return k8s::HttpAnswer{.status = 404, .body = "{}"};
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest&, const Sink&,
                                 const std::stop_token& stop) override {
    return silent_watch(stop);
  }
  ScriptedTransport writes;
  std::string stored;  ///< one KbsConfig, or nothing
};

class Written : public ::testing::Test {
 protected:
  void start(std::string stored = {}) {
    wire_.stored = std::move(stored);
    cache_ = std::make_unique<Cache>(client_, Cache::Settings{.ns = "n"});
    cache_->start();
    while (!cache_->settled()) {
      std::this_thread::yield();
    }
    writer_ = std::make_unique<Writer>(client_, *cache_);
  }
  Outcome carry_out(const operators::Decision& decision) { return carry_out(decision, seen()); }
  Outcome carry_out(const operators::Decision& decision, const operators::Snapshot& snapshot) {
    return writer_->carry_out(decision, {.snapshot = snapshot}, *kind_named("KbsConfig"), owner_);
  }
  /// What decisions here are about, as it stands.
  operators::Snapshot seen() {
    operators::Snapshot out;
    for (const operators::ObjectRef& object :
         {operators::ObjectRef{"KbsConfig", "n", "k"}, {"ConfigMap", "n", "m"}}) {
      const auto found = cache_->find(object);
      if (found.ok() && *found != nullptr) out.put(object.kind, *found);
    }
    return out;
  }
  static json::Object body() {
    json::Object out = object(R"({"apiVersion":"confidentialcontainers.org/v1alpha1",
      "kind":"KbsConfig","metadata":{"name":"k","namespace":"n"},"spec":{"a":"x","b":"y"}})");
    operators::stamp_intent(out);
    return out;
  }
  static std::string with_version(json::Object o, int generation) {
    o.find("metadata")->as_object()->set("resourceVersion", std::to_string(generation));
    o.find("metadata")->as_object()->set("generation", generation);
    return json::write(o);
  }
  static constexpr const char* kApply =
      "PATCH /apis/confidentialcontainers.org/v1alpha1/namespaces/n/kbsconfigs/k"
      "?fieldManager=trustee-operator&force=true";

  Wire wire_;
  InstantPace pace_;
  std::stop_source ending_;
  k8s::Client client_{wire_, pace_, {}, {}, {.end = ending_.get_token()}};
  std::unique_ptr<Cache> cache_;
  std::unique_ptr<Writer> writer_;
  json::Object owner_ = object(R"({"metadata":{"name":"k","namespace":"n","resourceVersion":"7",
    "finalizers":["other","kbsconfig.confidentialcontainers.org/finalizer"]}})");
};

TEST_F(Written, what_stands_already_is_not_written) {
  start(with_version(body(), 1));
  operators::Decision decision;
  decision.apply.emplace_back(body());
  const Outcome outcome = carry_out(decision);
  EXPECT_FALSE(outcome.wrote);
  EXPECT_FALSE(outcome.error.has_value());
  EXPECT_EQ(wire_.writes.lines(), Lines{});
}

TEST_F(Written, what_differs_is_applied_once_and_known_before_the_watch_tells) {
  start();
  wire_.writes.will(200, with_version(body(), 1));
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_FALSE(carry_out(decision).wrote);
  EXPECT_EQ(wire_.writes.lines(), Lines{kApply});
}

TEST_F(Written, a_field_that_an_older_schema_prunes_makes_no_update_loop) {
  start();
  json::Object pruned = body();
  pruned.find("spec")->as_object()->remove("b");
  wire_.writes.will(200, with_version(pruned, 1));
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_FALSE(carry_out(decision).wrote);
  wire_.writes.will(200, with_version(body(), 2));
  decision.apply.front().as_object()->find("spec")->as_object()->set("a", "z");
  EXPECT_TRUE(carry_out(decision).wrote);
}

// An admission webhook may put another value in place of ours; ConfigMaps have no generation.
TEST_F(Written, a_value_that_the_server_replaces_makes_no_update_loop) {
  start();
  json::Object map = object(R"({"apiVersion":"v1","kind":"ConfigMap",
    "metadata":{"name":"m","namespace":"n"},"data":{"a":"x"}})");
  operators::stamp_intent(map);
  json::Object replaced = map;
  replaced.find("data")->as_object()->set("a", "y");
  replaced.find("metadata")->as_object()->set("resourceVersion", "7");
  wire_.writes.will(200, json::write(replaced));
  operators::Decision decision;
  decision.apply.emplace_back(map);
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_FALSE(carry_out(decision).wrote);
  EXPECT_EQ(wire_.writes.seen().size(), 1U);
  replaced.find("metadata")->as_object()->set("resourceVersion", "8");
  cache_->wrote({"ConfigMap", "n", "m"}, replaced, {});  // somebody changes it: once more
  wire_.writes.will(200, json::write(replaced));
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_FALSE(carry_out(decision).wrote);
}

TEST_F(Written, a_field_that_an_older_schema_refuses_is_left_out) {
  start();
  wire_.writes.will(500, R"({"message":"failed to create typed patch object: .spec.b: field not )"
                         R"(declared in schema"})");
  wire_.writes.will(200, with_version(body(), 1));
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_TRUE(carry_out(decision).wrote);
  ASSERT_EQ(wire_.writes.lines(), (Lines{kApply, kApply}));
  EXPECT_EQ(wire_.writes.seen()[1].body.find("\"b\""), std::string::npos);
  EXPECT_NE(wire_.writes.seen()[1].body.find("\"a\""), std::string::npos);
}

TEST_F(Written, a_field_of_another_kind_that_its_schema_refuses_is_a_mistake_to_be_told) {
  start();
  wire_.writes.will(500, R"({"message":"failed to create typed patch object: .spec.b: field not )"
                         R"(declared in schema"})");
  operators::Decision decision;
  decision.apply.emplace_back(object(R"({"apiVersion":"apps/v1","kind":"Deployment",
    "metadata":{"name":"d","namespace":"n"},"spec":{"b":"y"}})"));
  const Outcome outcome = carry_out(decision);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_TRUE(outcome.error->is(k8s::Errc::invalid));
  EXPECT_EQ(wire_.writes.seen().size(), 1U);
}

TEST_F(Written, what_a_user_wrote_meanwhile_is_not_replaced) {
  start(with_version(body(), 1));
  json::Object changed = body();
  changed.find("spec")->as_object()->set("a", "z");
  operators::stamp_intent(changed);
  operators::Decision decision;
  decision.apply.emplace_back(changed);
  wire_.writes.will(409, R"({"reason":"Conflict"})");
  EXPECT_TRUE(carry_out(decision).error->is(k8s::Errc::conflict));
  const auto sent = json::parse(wire_.writes.seen().front().body);
  EXPECT_EQ(*sent->at_pointer("/metadata/resourceVersion")->as_string(), "1");
  const operators::Snapshot before = seen();
  json::Object edited = object(with_version(body(), 2));
  edited.find("spec")->as_object()->set("b", "of a user");
  cache_->wrote({"KbsConfig", "n", "k"}, edited, {.version = "1"});
  EXPECT_TRUE(carry_out(decision, before).error->is(k8s::Errc::conflict));
  EXPECT_EQ(wire_.writes.seen().size(), 1U) << "it is not even sent";
}

TEST_F(Written, the_status_waits_for_a_decision_that_knows_of_a_refusal) {
  start();
  operators::Decision decision;
  decision.apply.emplace_back(body());
  decision.status = json::Object{{"isReady", true}};
  wire_.writes.will(422, R"({"message":"no"})");
  EXPECT_TRUE(carry_out(decision).status_deferred);
  EXPECT_EQ(wire_.writes.lines(), Lines{kApply});
}

TEST_F(Written, the_status_waits_for_a_decision_that_knows_that_a_refusal_is_over) {
  start();
  operators::Decision decision;
  decision.status = json::Object{{"isReady", true}};
  const operators::Snapshot nothing;
  const Outcome outcome = writer_->carry_out(
      decision, {.snapshot = nothing, .knows_unwritten = true}, *kind_named("KbsConfig"), owner_);
  EXPECT_TRUE(outcome.status_deferred && !outcome.error.has_value());
  EXPECT_EQ(wire_.writes.lines(), Lines{});
}

TEST_F(Written, nothing_more_is_written_once_the_client_is_ending) {
  start();
  ending_.request_stop();
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_TRUE(carry_out(decision).error->is(k8s::Errc::stopped));
  EXPECT_EQ(wire_.writes.lines(), Lines{});
}

TEST_F(Written, a_refusal_of_a_field_that_is_not_ours_is_not_tried_again) {
  start();
  wire_.writes.will(500, R"({"message":"failed to create typed patch object: .spec.z: field not )"
                         R"(declared in schema"})");
  operators::Decision decision;
  decision.apply.emplace_back(body());
  const Outcome outcome = carry_out(decision);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_TRUE(outcome.error->is(k8s::Errc::invalid));
  EXPECT_EQ(wire_.writes.lines(), Lines{kApply});
}

TEST_F(Written, what_the_former_manager_wrote_into_a_secret_is_not_adopted) {
  start();
  cache_->wrote({"Secret", "n", "s"},
                object(R"({"apiVersion":"v1","kind":"Secret","data":{"k":"dg=="},
    "metadata":{"name":"s","namespace":"n","resourceVersion":"3","managedFields":[{"manager":"manager",
    "operation":"Update","apiVersion":"v1","fieldsV1":{"f:data":{"f:k":{}}}}]}})"),
                {});
  wire_.writes.will(200, R"({"metadata":{"name":"s","namespace":"n","resourceVersion":"4"}})");
  operators::Decision decision;  // labels only: adopted data would go with the apply
  decision.apply.emplace_back(object(R"({"apiVersion":"v1","kind":"Secret",
    "metadata":{"name":"s","namespace":"n","labels":{"a":"b"}}})"));
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_EQ(wire_.writes.lines(),
            Lines{"PATCH /api/v1/namespaces/n/secrets/s?fieldManager=trustee-operator&force=true"});
}

TEST_F(Written, fields_of_the_former_manager_are_adopted_first) {
  json::Object stored = object(R"({"apiVersion":"confidentialcontainers.org/v1alpha1",
    "kind":"KbsConfig","metadata":{"name":"k","namespace":"n","resourceVersion":"3",
    "managedFields":[{"manager":"manager","operation":"Update","apiVersion":"v1","fieldsV1":{}}]}})");
  start(json::write(stored));
  wire_.writes.will(200, "{}");
  wire_.writes.will(200, with_version(body(), 4));
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_TRUE(carry_out(decision).wrote);
  ASSERT_EQ(wire_.writes.seen().size(), 2U);
  EXPECT_EQ(wire_.writes.seen()[0].content_type, "application/json-patch+json");
  EXPECT_EQ(wire_.writes.seen()[1].content_type, "application/apply-patch+yaml");
}

TEST_F(Written, one_refusal_does_not_hold_up_the_rest) {
  start();
  json::Object other = body();
  other.find("metadata")->as_object()->set("name", "l");
  wire_.writes.will(422, R"({"message":"no"})");
  wire_.writes.will(200, with_version(other, 1));
  operators::Decision decision;
  decision.apply.emplace_back(body());
  decision.apply.emplace_back(other);
  const Outcome outcome = carry_out(decision);
  EXPECT_TRUE(outcome.wrote);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_TRUE(outcome.error->is(k8s::Errc::invalid));
  EXPECT_EQ(outcome.failed, "KbsConfig k");
  EXPECT_EQ(wire_.writes.seen().size(), 2U);
}

TEST_F(Written, a_refused_write_is_known_for_a_minute) {
  start();
  wire_.writes.will(403, "{}");
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_TRUE(carry_out(decision).error->is(k8s::Errc::forbidden));
  EXPECT_TRUE(cache_->refused().contains("KbsConfig"));
  pace_.advance(std::chrono::seconds(60));
  EXPECT_FALSE(cache_->refused().contains("KbsConfig"));
}

TEST_F(Written, a_quota_that_is_used_up_is_no_missing_right) {
  start();
  wire_.writes.will(403, R"({"message":"kbsconfigs \"k\" is forbidden: exceeded quota: q"})");
  operators::Decision decision;
  decision.apply.emplace_back(body());
  EXPECT_FALSE(lacks_right(*carry_out(decision).error));
  EXPECT_FALSE(cache_->refused().contains("KbsConfig"));
  wire_.writes.will(
      403,
      R"({"message":"kbsconfigs \"k\" is forbidden: User \"u\" cannot patch resource \"kbsconfigs\""})");
  EXPECT_TRUE(lacks_right(*carry_out(decision).error));
  EXPECT_TRUE(cache_->refused().contains("KbsConfig"));
}

TEST_F(Written, what_exists_is_not_created_and_what_is_gone_not_deleted) {
  start(with_version(body(), 1));
  wire_.writes.will(409, R"({"reason":"AlreadyExists"})");
  wire_.writes.will(404, "{}");
  wire_.writes.will(409, R"({"reason":"Conflict"})");
  operators::Decision decision;
  decision.create.emplace_back(body());
  json::Object other = body();
  other.find("metadata")->as_object()->set("name", "l");
  decision.create.emplace_back(other);
  decision.remove.push_back({{"Deployment", "n", "d"}, "u"});
  decision.remove.push_back({{"Deployment", "n", "d"}, "u"});
  const Outcome outcome = carry_out(decision);
  EXPECT_FALSE(outcome.wrote);
  EXPECT_FALSE(outcome.error.has_value()) << outcome.error->to_string();
  EXPECT_EQ(wire_.writes.seen().size(), 3U);
}

TEST_F(Written, the_finalizer_is_taken_off_by_its_place_and_name_of_the_version_that_was_seen) {
  start();
  wire_.writes.will(200, "{}");
  operators::Decision decision;
  decision.drop_finalizer = "kbsconfig.confidentialcontainers.org/finalizer";
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_EQ(wire_.writes.seen().front().body,
            R"([{"op":"test","path":"/metadata/resourceVersion","value":"7"},)"
            R"({"op":"test","path":"/metadata/finalizers/1",)"
            R"("value":"kbsconfig.confidentialcontainers.org/finalizer"},)"
            R"({"op":"remove","path":"/metadata/finalizers/1"}])");
}

// The status makes another version of the owner.
TEST_F(Written, the_finalizer_goes_before_the_status_and_an_owner_that_changed_keeps_it) {
  start();
  wire_.writes.will(422, R"({"kind":"Status","reason":"Invalid","details":{}})");
  wire_.writes.will(200, R"({"kind":"KbsConfig","metadata":{"name":"k","namespace":"n"}})");
  operators::Decision decision;
  decision.drop_finalizer = "kbsconfig.confidentialcontainers.org/finalizer";
  decision.status = json::Object{{"isReady", true}};
  const Outcome outcome = carry_out(decision);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_TRUE(outcome.error->is(k8s::Errc::conflict)) << outcome.error->to_string();
  EXPECT_FALSE(outcome.status_failed || outcome.status_deferred || outcome.objects_written);
  const Lines lines = wire_.writes.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].find("/kbsconfigs/k?") != std::string::npos) << lines[0];
  EXPECT_TRUE(lines[1].find("/kbsconfigs/k/status?") != std::string::npos) << lines[1];
}

TEST_F(Written, the_status_goes_to_its_subresource) {
  start();
  wire_.writes.will(200, R"({"kind":"KbsConfig","metadata":{"name":"k","namespace":"n"}})");
  operators::Decision decision;
  decision.status = json::Object{{"isReady", true}};
  EXPECT_TRUE(carry_out(decision).wrote);
  EXPECT_EQ(wire_.writes.lines(),
            Lines{"PATCH /apis/confidentialcontainers.org/v1alpha1/namespaces/n/kbsconfigs/k/status"
                  "?fieldManager=trustee-operator&force=true"});
  EXPECT_EQ(wire_.writes.seen().front().body,
            R"({"apiVersion":"confidentialcontainers.org/v1alpha1","kind":"KbsConfig",)"
            R"("metadata":{"name":"k","namespace":"n"},"status":{"isReady":true}})");
}

}  // namespace
}  // namespace trustee::control
