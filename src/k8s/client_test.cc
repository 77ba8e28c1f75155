#include "k8s/client.h"

#include <gtest/gtest.h>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::k8s {
namespace {

using std::chrono::milliseconds;
using Lines = std::vector<std::string>;

json::Object object(std::string_view text) { return *json::parse(text)->as_object(); }
json::Object config_map() {
  return object(
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"n"}})");
}

class Talk : public ::testing::Test {
 protected:
  ScriptedTransport wire_;
  InstantPace pace_;
  std::stop_source stop_;
  Client client_{wire_, pace_, stop_.get_token()};

  Errc code_for(int status, std::string body = "{}") {
    wire_.will(status, std::move(body));
    const auto answer = client_.create(kConfigMaps, config_map(), {});
    EXPECT_FALSE(answer.ok());
    for (const Errc code : {Errc::conflict, Errc::already_exists, Errc::not_found, Errc::forbidden,
                            Errc::invalid, Errc::gone, Errc::unauthorised, Errc::unavailable,
                            Errc::internal_error, Errc::answer_malformed}) {
      if (answer.error().is(code)) return code;
    }
    ADD_FAILURE() << answer.error().to_string();
    return Errc::stopped;
  }
};

TEST_F(Talk, writes_go_where_the_api_has_them) {
  for (int i = 0; i < 7; ++i) {
    wire_.will(200, "{}");
  }
  const Key key{"n", "a"};
  WriteOptions apply{.field_manager = "me"};
  EXPECT_TRUE(client_.get(kDeployments, {"ns", "a/b"}).ok());
  EXPECT_TRUE(client_.create(kConfigMaps, config_map(), {.field_manager = "me"}).ok());
  EXPECT_TRUE(client_.update(kConfigMaps, config_map(), {}).ok());
  EXPECT_TRUE(client_.apply(kConfigMaps, config_map(), apply).ok());
  apply.dry_run = true;
  apply.force = false;
  apply.subresource = "status";
  EXPECT_TRUE(client_.apply(kConfigMaps, config_map(), apply).ok());
  EXPECT_TRUE(client_.merge_patch(kConfigMaps, key, {{"data", nullptr}}, {}).ok());
  EXPECT_TRUE(client_.json_patch(kConfigMaps, key, {}, {}).ok());
  EXPECT_EQ(wire_.lines(),
            (Lines{"GET /apis/apps/v1/namespaces/ns/deployments/a%2Fb",
                   "POST /api/v1/namespaces/n/configmaps?fieldManager=me",
                   "PUT /api/v1/namespaces/n/configmaps/a",
                   "PATCH /api/v1/namespaces/n/configmaps/a?fieldManager=me&force=true",
                   "PATCH /api/v1/namespaces/n/configmaps/a/status?fieldManager=me&dryRun=All",
                   "PATCH /api/v1/namespaces/n/configmaps/a",
                   "PATCH /api/v1/namespaces/n/configmaps/a"}));
  Lines types;
  for (const auto& r : wire_.seen()) {
    types.push_back(r.content_type);
  }
  EXPECT_EQ(types, (Lines{"", "application/json", "application/json",
                          "application/apply-patch+yaml", "application/apply-patch+yaml",
                          "application/merge-patch+json", "application/json-patch+json"}));
  EXPECT_EQ(wire_.seen()[5].body, R"({"data":null})");
}

TEST_F(Talk, deletes_only_the_object_with_the_uid) {
  wire_.will(200, "{}");
  EXPECT_TRUE(client_.remove(kSecrets, {"n", "a"}, "u-1").ok());
  EXPECT_EQ(wire_.lines(), (Lines{"DELETE /api/v1/namespaces/n/secrets/a"}));
  EXPECT_EQ(wire_.seen().front().body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",)"
            R"("preconditions":{"uid":"u-1"}})");
}

TEST_F(Talk, every_refusal_has_its_code) {
  EXPECT_EQ(code_for(400), Errc::invalid);
  EXPECT_EQ(code_for(401), Errc::unauthorised);
  EXPECT_EQ(code_for(403), Errc::forbidden);
  EXPECT_EQ(code_for(404), Errc::not_found);
  EXPECT_EQ(code_for(409, R"({"reason":"Conflict"})"), Errc::conflict);
  EXPECT_EQ(code_for(409, R"({"reason":"AlreadyExists"})"), Errc::already_exists);
  EXPECT_EQ(code_for(410), Errc::gone);
  EXPECT_EQ(code_for(422), Errc::invalid);
  EXPECT_EQ(code_for(500, "not json"), Errc::unavailable);
  EXPECT_EQ(code_for(500, R"({"reason":"InternalError"})"), Errc::internal_error);
  EXPECT_EQ(code_for(503, R"({"reason":"InternalError"})"), Errc::unavailable);
  EXPECT_EQ(code_for(302), Errc::answer_malformed);
  EXPECT_EQ(code_for(200, "[]"), Errc::answer_malformed);
  EXPECT_EQ(code_for(200, "{"), Errc::answer_malformed);
}

/// An object of so many open brackets.
std::string nested(std::size_t depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + '}';
}

TEST_F(Talk, an_object_as_deep_as_the_reader_goes_is_taken_and_one_level_more_refused) {
  wire_.will(200, nested(json::kDepthCeiling));
  const auto taken = client_.get(kConfigMaps, {"n", "a"});
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(json::write(*taken), nested(json::kDepthCeiling));
  wire_.will(200, nested(json::kDepthCeiling + 1));
  const auto refused = client_.get(kConfigMaps, {"n", "a"});
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(Errc::answer_malformed));
}

constexpr const char* kInvalid =
    R"({"kind":"Status","message":"data: Invalid value: \"hunter2\"","reason":"Invalid",)"
    R"("details":{"causes":[{"field":"data[x]","message":"hunter2"},{"field":"type"}]}})";

TEST_F(Talk, the_servers_message_is_told_but_not_what_it_quotes_of_a_secret) {
  wire_.will(422, kInvalid);
  EXPECT_EQ(client_.apply(kConfigMaps, config_map(), {}).error().detail(),
            "data: Invalid value: \"hunter2\"");
  wire_.will(422, kInvalid);
  EXPECT_EQ(client_.apply(kSecrets, config_map(), {}).error().detail(), "Invalid: data[x], type");
}

// As kube-apiserver answers a patch that it cannot carry out, and one whose outcome is not valid.
TEST_F(Talk, a_patch_that_does_not_fit_the_object_is_a_conflict) {
  const auto patched = [this](std::string body) {
    wire_.will(422, std::move(body));
    return client_.json_patch(kConfigMaps, {"n", "a"}, {}, {}).error();
  };
  EXPECT_TRUE(patched(R"({"kind":"Status","status":"Failure","message":"the server rejected our )"
                      R"(request due to an error in our request","reason":"Invalid",)"
                      R"("details":{},"code":422})")
                  .is(Errc::conflict));
  EXPECT_TRUE(patched(kInvalid).is(Errc::invalid));
}

TEST_F(Talk, waits_as_long_as_the_server_asks) {
  wire_.will(429, "{}", 3);
  wire_.will(503, "{}", 100);
  wire_.will(429, "{}");
  wire_.will(201, "{}");
  EXPECT_TRUE(client_.create(kConfigMaps, config_map(), {}).ok());
  EXPECT_EQ(pace_.slept(), (std::vector<milliseconds>{milliseconds(3000), milliseconds(30000),
                                                      milliseconds(800)}));
}

// As kube-apiserver 1.37 answers.
TEST_F(Talk, a_field_that_the_schema_does_not_declare_is_invalid_and_not_tried_again) {
  wire_.will(500, R"({"kind":"Status","status":"Failure","message":"failed to create typed patch )"
                  R"(object (n/t; g/v1, Kind=K): .spec.foo: field not declared in schema",)"
                  R"("code":500})");
  const auto answer = client_.apply(kConfigMaps, config_map(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is(Errc::invalid));
  EXPECT_EQ(wire_.seen().size(), 1U);
}

TEST_F(Talk, gives_up_after_five_attempts) {
  for (int i = 0; i < 6; ++i) {
    wire_.will(429, "{}", 1);
  }
  const auto answer = client_.get(kConfigMaps, {"n", "a"});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is(Errc::too_many_requests));
  EXPECT_EQ(wire_.seen().size(), 5U);
  // The last refusal, too: the caller may ask again at once.
  EXPECT_EQ(pace_.slept(), std::vector<milliseconds>(5, milliseconds(1000)));
}

TEST_F(Talk, who_tries_once_is_told_at_once) {
  Client hasty(wire_, pace_, stop_.get_token(), {}, {.attempts = 1});
  wire_.will(429, "{}", 1);
  const auto answer = hasty.get(kConfigMaps, {"n", "a"});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is(Errc::too_many_requests));
  EXPECT_EQ(wire_.seen().size(), 1U);
  EXPECT_EQ(pace_.slept(), std::vector<milliseconds>{});
}

TEST_F(Talk, what_nobody_answered_is_asked_again_with_growing_waits) {
  wire_.will_fail(Errc::unavailable);
  wire_.will(500, "{}");
  wire_.will(504, "{}");
  wire_.will(200, "{}");
  EXPECT_TRUE(client_.apply(kConfigMaps, config_map(), {}).ok());
  EXPECT_EQ(pace_.slept(),
            (std::vector<milliseconds>{milliseconds(200), milliseconds(400), milliseconds(800)}));
}

TEST_F(Talk, what_creates_is_not_sent_twice) {
  wire_.will_fail(Errc::unavailable);
  const auto answer = client_.create(kConfigMaps, config_map(), {});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is(Errc::unavailable));
  EXPECT_EQ(wire_.seen().size(), 1U);
}

TEST_F(Talk, a_stop_ends_the_waits) {
  wire_.will(429, "{}", 1);
  stop_.request_stop();
  const auto answer = client_.get(kConfigMaps, {"n", "a"});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is(Errc::stopped));
}

TEST_F(Talk, after_the_end_of_attempts_what_is_under_way_is_finished_and_nothing_repeated) {
  std::stop_source end;
  Client ending(wire_, pace_, stop_.get_token(), {}, {.end = end.get_token()});
  EXPECT_FALSE(ending.ending());
  wire_.will(429, "{}", 1);
  wire_.will(200, "{}");
  EXPECT_TRUE(ending.get(kConfigMaps, {"n", "a"}).ok());
  end.request_stop();
  EXPECT_TRUE(ending.ending());
  wire_.will(200, "{}");
  wire_.will(429, "{}", 1);
  wire_.will(200, "{}");
  EXPECT_TRUE(ending.get(kConfigMaps, {"n", "a"}).ok());
  const auto answer = ending.get(kConfigMaps, {"n", "a"});
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(answer.error().is(Errc::stopped));
  EXPECT_EQ(wire_.seen().size(), 4U);
  EXPECT_EQ(pace_.slept(), (std::vector<milliseconds>{milliseconds(1000)}));
}

std::string names(const Listed& listed) {
  std::string out;
  for (const auto& o : listed.objects) {
    out += std::string(metadata_text(o, "name")) + ' ';
  }
  return out;
}
std::optional<json::Object> keep_all(json::Object o) { return o; }
std::string page(std::string_view name, std::string_view version, std::string_view next = {}) {
  return R"({"metadata":{"resourceVersion":")" + std::string(version) + R"(","continue":")" +
         std::string(next) + R"("},"items":[{"metadata":{"name":")" + std::string(name) +
         R"("}}]})";
}

TEST_F(Talk, a_list_follows_its_pages) {
  wire_.will(200, page("a", "7", "t=="));
  wire_.will(200, page("b", "7"));
  const auto listed = client_.list(kSecrets, {.ns = "n", .label_selector = "x=y"}, keep_all);
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(names(*listed), "a b ");
  EXPECT_EQ(listed->resource_version, "7");
  EXPECT_EQ(
      wire_.lines(),
      (Lines{"GET /api/v1/namespaces/n/secrets?labelSelector=x%3Dy&limit=100",
             "GET /api/v1/namespaces/n/secrets?labelSelector=x%3Dy&limit=100&continue=t%3D%3D"}));
  EXPECT_EQ(json::write(listed->objects.front()),
            R"({"metadata":{"name":"a"},"apiVersion":"v1","kind":"Secret"})");
}

TEST_F(Talk, a_list_whose_continuation_is_forgotten_starts_again) {
  wire_.will(200, page("a", "7", "t"));
  wire_.will(410, "{}");
  wire_.will(200, page("c", "9"));
  const auto listed = client_.list(kSecrets, {.ns = "n"}, keep_all);
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(names(*listed), "c ");
  EXPECT_EQ(listed->resource_version, "9");
}

TEST_F(Talk, a_list_that_is_always_forgotten_is_gone) {
  for (int i = 0; i < 4; ++i) {
    wire_.will(410, "{}");
  }
  const auto listed = client_.list(kSecrets, {}, keep_all);
  ASSERT_FALSE(listed.ok());
  EXPECT_TRUE(listed.error().is(Errc::gone));
  EXPECT_EQ(wire_.seen().size(), 3U);
}

TEST_F(Talk, a_page_that_is_too_large_is_asked_for_in_smaller_ones) {
  wire_.will_fail(Errc::answer_too_large);
  wire_.will_fail(Errc::answer_too_large);
  wire_.will(200, page("a", "7"));
  ASSERT_TRUE(client_.list(kSecrets, {}, keep_all).ok());
  EXPECT_EQ(wire_.lines(), (Lines{"GET /api/v1/secrets?limit=100", "GET /api/v1/secrets?limit=50",
                                  "GET /api/v1/secrets?limit=25"}));
}

TEST_F(Talk, a_page_of_too_many_values_is_asked_for_in_smaller_ones) {
  std::string body = R"({"items":[0)";
  for (std::size_t i = 0; i < json::Limits().values; ++i) {
    body += ",0";
  }
  wire_.will(200, body + "]}");
  wire_.will(200, page("a", "7"));
  ASSERT_TRUE(client_.list(kSecrets, {}, keep_all).ok());
  EXPECT_EQ(wire_.lines(),
            (Lines{"GET /api/v1/secrets?limit=100", "GET /api/v1/secrets?limit=50"}));
}

TEST_F(Talk, only_what_is_kept_comes_back) {
  wire_.will(200, R"({"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}},)"
                  R"({"metadata":{"name":"b"}}]})");
  const auto listed = client_.list(kSecrets, {}, [](json::Object o) -> std::optional<json::Object> {
    if (metadata_text(o, "name") == "a") return std::nullopt;
    return o;
  });
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(names(*listed), "b ");
}

TEST_F(Talk, contents_are_not_asked_for_when_metadata_is_enough) {
  wire_.will(200, page("a", "7"));
  ASSERT_TRUE(client_.list(kSecrets, {.metadata_only = true}, keep_all).ok());
  EXPECT_EQ(wire_.seen().front().accept,
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
}

TEST_F(Talk, a_list_without_items_is_malformed) {
  wire_.will(200, R"({"metadata":{"resourceVersion":"1"}})");
  const auto listed = client_.list(kSecrets, {}, keep_all);
  ASSERT_FALSE(listed.ok());
  EXPECT_TRUE(listed.error().is(Errc::answer_malformed));
}

TEST(OwnerReference, names_the_owner_as_its_controller) {
  // Source: operator.md section 2.
  const json::Object owner = object(R"({"apiVersion":"g/v1","kind":"K",
    "metadata":{"name":"n","uid":"u","namespace":"ns"}})");
  EXPECT_EQ(json::write(owner_reference(owner)),
            R"({"apiVersion":"g/v1","kind":"K","name":"n","uid":"u","controller":true,)"
            R"("blockOwnerDeletion":true})");
}

}  // namespace
}  // namespace trustee::k8s
