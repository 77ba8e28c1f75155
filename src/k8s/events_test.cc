#include "k8s/events.h"

#include <gtest/gtest.h>

#include "tests/support/fixed_clock.h"
#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::k8s {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kModernPost = "POST /apis/events.k8s.io/v1/namespaces/n/events";
constexpr const char* kCorePost = "POST /api/v1/namespaces/n/events";

class Events : public ::testing::Test {
 protected:
  json::Object regarding_ = *json::parse(R"({"apiVersion":"g/v1","kind":"K","metadata":
    {"name":"o","namespace":"n","uid":"u","resourceVersion":"7"},"spec":{"a":1}})")
                                 ->as_object();
  EventText text_{.reason = "Made", .action = "Reconcile", .note = "made it"};
  ScriptedTransport wire_;
  InstantPace pace_;
  FixedClock clock_{from_unix_seconds(1'800'000'000)};
  Client client_{wire_, pace_, {}};
  EventWriter writer_{client_, clock_, "us.example/op", "pod-1"};

  Result<void> told() { return writer_.write(regarding_, writer_.occur(regarding_, text_)); }
};

// Shapes: events.k8s.io/v1 and core/v1 Event of the Kubernetes API. 1800000000000000 is
// 0x6651728988000.
TEST_F(Events, are_written_in_the_events_group) {
  wire_.will(201, "{}");
  ASSERT_TRUE(told().ok());
  EXPECT_EQ(wire_.lines(), (Lines{kModernPost}));
  EXPECT_EQ(wire_.seen().front().body,
            R"({"apiVersion":"events.k8s.io/v1","kind":"Event",)"
            R"("metadata":{"name":"o.6651728988000.0","namespace":"n"},)"
            R"("eventTime":"2027-01-15T08:00:00.000000Z","reportingController":"us.example/op",)"
            R"("reportingInstance":"pod-1","action":"Reconcile","reason":"Made",)"
            R"("regarding":{"apiVersion":"g/v1","kind":"K","name":"o","namespace":"n","uid":"u",)"
            R"("resourceVersion":"7"},"note":"made it","type":"Normal"})");
}

TEST_F(Events, go_to_the_core_group_from_the_first_refusal_on) {
  for (const int refusal : {403, 404}) {
    ScriptedTransport wire;
    Client client(wire, pace_, {});
    EventWriter writer(client, clock_, "us.example/op", "pod-1");
    wire.will(refusal, "{}");
    wire.will(201, "{}");
    wire.will(201, "{}");
    text_.warning = true;
    ASSERT_TRUE(writer.write(regarding_, writer.occur(regarding_, text_)).ok());
    ASSERT_TRUE(writer.write(regarding_, writer.occur(regarding_, text_)).ok());
    EXPECT_EQ(wire.lines(), (Lines{kModernPost, kCorePost, kCorePost}));
    EXPECT_EQ(wire.seen()[1].body,
              R"({"apiVersion":"v1","kind":"Event",)"
              R"("metadata":{"name":"o.6651728988000.0","namespace":"n"},)"
              R"("involvedObject":{"apiVersion":"g/v1","kind":"K","name":"o","namespace":"n",)"
              R"("uid":"u","resourceVersion":"7"},"reason":"Made","message":"made it",)"
              R"("type":"Warning","source":{"component":"us.example/op"},)"
              R"("firstTimestamp":"2027-01-15T08:00:00Z","lastTimestamp":"2027-01-15T08:00:00Z",)"
              R"("count":1,"action":"Reconcile","reportingComponent":"us.example/op",)"
              R"("reportingInstance":"pod-1"})");
  }
}

TEST_F(Events, refused_in_both_groups_are_an_error_and_tried_in_both_again) {
  for (int i = 0; i < 4; ++i) {
    wire_.will(403, "{}");
  }
  for (int i = 0; i < 2; ++i) {
    const auto written = told();
    ASSERT_FALSE(written.ok());
    EXPECT_TRUE(written.error().is(Errc::forbidden));
  }
  EXPECT_EQ(wire_.lines(), (Lines{kModernPost, kCorePost, kModernPost, kCorePost}));
}

TEST_F(Events, refused_in_both_groups_tell_why_the_first_one_did) {
  wire_.will(403, R"({"message":"n is being terminated"})");
  wire_.will(403, R"({"message":"no role"})");
  EXPECT_EQ(told().error().detail(), "n is being terminated");
}

TEST_F(Events, other_failures_do_not_change_the_group) {
  wire_.will(409, "{}");
  wire_.will(201, "{}");
  EXPECT_FALSE(told().ok());
  EXPECT_TRUE(told().ok());
  EXPECT_EQ(wire_.lines(), (Lines{kModernPost, kModernPost}));
}

// The answer to the first was lost: 409 with the reason AlreadyExists, Kubernetes API conventions.
TEST_F(Events, written_again_are_the_same_and_stand_already) {
  wire_.will(500, "{}");
  wire_.will(409, R"({"reason":"AlreadyExists"})");
  wire_.will(201, "{}");
  const Occurrence event = writer_.occur(regarding_, text_);
  EXPECT_FALSE(writer_.write(regarding_, event).ok());
  EXPECT_TRUE(writer_.write(regarding_, event).ok());
  ASSERT_TRUE(told().ok());
  EXPECT_EQ(wire_.seen()[0].body, wire_.seen()[1].body);
  const auto next = json::parse(wire_.seen()[2].body);
  EXPECT_EQ(*next->at_pointer("/metadata/name")->as_string(), "o.6651728988000.1");
}

TEST_F(Events, a_long_note_is_cut_between_characters) {
  wire_.will(201, "{}");
  text_.note = std::string(1023, 'x') + "\u00e9";
  ASSERT_TRUE(told().ok());
  const auto sent = json::parse(wire_.seen().front().body);
  EXPECT_EQ(*sent->at_pointer("/note")->as_string(), std::string(1023, 'x'));
}

TEST_F(Events, about_what_has_no_namespace_stand_in_default) {
  wire_.will(201, "{}");
  regarding_.find("metadata")->as_object()->remove("namespace");
  ASSERT_TRUE(told().ok());
  EXPECT_EQ(wire_.lines(), (Lines{"POST /apis/events.k8s.io/v1/namespaces/default/events"}));
}

}  // namespace
}  // namespace trustee::k8s
