#include "k8s/informer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "k8s/curl_transport.h"
#include "tests/support/case.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/instant_pace.h"
#include "tests/support/scripted_peer.h"

namespace trustee::k8s {
namespace {

using Then = ScriptedReply::Then;
using Lines = std::vector<std::string>;

std::string secret(std::string_view name, std::string_view version) {
  return R"({"kind":"Secret","metadata":{"namespace":"n","name":")" + std::string(name) +
         R"(","resourceVersion":")" + std::string(version) + R"("},"data":{"k":"dg=="}})";
}
std::string event(std::string_view type, const std::string& object) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + object + "}\n";
}
std::string bookmark(std::string_view version) {
  return event("BOOKMARK", R"({"kind":"Secret","metadata":{"resourceVersion":")" +
                               std::string(version) + "\"}}");
}
std::string list_of(std::string_view version, const Lines& objects) {
  std::string out =
      R"({"metadata":{"resourceVersion":")" + std::string(version) + R"("},"items":[)";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    out += (i == 0 ? "" : ",") + objects[i];
  }
  return out + "]}";
}
const std::string kExpired =
    event("ERROR", R"({"kind":"Status","status":"Failure","reason":"Expired","code":410})");

/// The resourceVersion a watch began at; empty for a list.
std::string watched_from(const SeenRequest& r) {
  const auto at = r.target.find("resourceVersion=");
  if (at == std::string::npos) return {};
  const auto from = at + 16;
  return r.target.substr(from, r.target.find('&', from) - from);
}

/// An informer that talks to a script over a real socket until it has told `wanted` changes.
class Follows : public ::testing::Test {
 protected:
  /// `lists` and `watches` are answered in order; afterwards both only wait.
  Lines run(std::vector<ScriptedReply> lists, std::vector<ScriptedReply> watches,
            std::size_t wanted, Interest interest = {.resource = kSecrets}) {
    interest.selection.ns = "n";
    std::size_t listed = 0;
    std::size_t watched = 0;
    ScriptedPeer peer([&](const SeenRequest& r) {
      const bool watch = r.target.find("watch=1") != std::string::npos;
      (watch ? watched_ : listed_).push_back(watched_from(r));
      auto& answers = watch ? watches : lists;
      std::size_t& next = watch ? watched : listed;
      if (next == answers.size()) return ScriptedReply{{}, Then::hold};
      return answers[next++];
    });
    Access access;
    access.server = peer.url();
    const auto credentials = Credentials::create(std::move(access), clock_);
    CurlTransport transport(**credentials, "test/1");
    std::stop_source stop;
    Client client(transport, pace_, stop.get_token());
    interest.on_change = [this](const Change& c) { note(c); };
    const Informer* self = nullptr;
    interest.on_trouble = [this, &self](const Error& e) {
      trouble_.emplace_back(e.code().name());
      refused_.push_back(self->refused());
    };
    Informer informer(client, std::move(interest));
    self = &informer;
    std::jthread thread([&] { informer.run(stop.get_token()); });
    {
      std::unique_lock lock(mutex_);
      const bool enough =
          told_.wait_for(lock, std::chrono::seconds(20), [&] { return changes_.size() >= wanted; });
      EXPECT_TRUE(enough) << changes_.size() << " changes";
    }
    synced_ = informer.synced();
    for (const ObjectPtr& object : informer.all()) {
      kept_.push_back(std::string(metadata_text(*object, "name")) + '@' +
                      std::string(metadata_text(*object, "resourceVersion")));
    }
    stop.request_stop();
    thread.join();
    const std::lock_guard lock(mutex_);
    return changes_;
  }

  void note(const Change& c) {
    const std::lock_guard lock(mutex_);
    changes_.push_back((c.before == nullptr ? "+" : c.after == nullptr ? "-" : "~") + c.key.name);
    told_.notify_all();
  }

  FixedClock clock_{Time()};
  InstantPace pace_;
  std::mutex mutex_;
  std::condition_variable told_;
  Lines changes_, kept_, listed_, watched_, trouble_;
  std::vector<bool> refused_;  ///< at each trouble
  bool synced_ = false;
};

TEST_F(Follows, lists_and_then_watches_from_there) {
  const Lines changes = run(
      {scripted(200, list_of("10", {secret("a", "4"), secret("b", "5")}))},
      {scripted_stream({event("MODIFIED", secret("a", "11")) + event("ADDED", secret("c", "12")),
                        event("DELETED", secret("b", "13"))},
                       Then::hold)},
      5);
  EXPECT_EQ(changes, (Lines{"+a", "+b", "~a", "+c", "-b"}));
  EXPECT_EQ(kept_, (Lines{"a@11", "c@12"}));
  EXPECT_EQ(watched_, (Lines{"10"}));
  EXPECT_TRUE(synced_);
  EXPECT_TRUE(trouble_.empty());
}

TEST_F(Follows, goes_on_from_the_last_event_or_bookmark_when_a_watch_ends) {
  const Lines changes =
      run({scripted(200, list_of("10", {}))},
          {scripted_stream({event("ADDED", secret("a", "11"))}), scripted_stream({bookmark("20")}),
           scripted_stream({event("ADDED", secret("b", "21"))}, Then::close),
           scripted_stream({event("ADDED", secret("c", "22"))}, Then::hold)},
          3);
  EXPECT_EQ(changes, (Lines{"+a", "+b", "+c"}));
  EXPECT_EQ(watched_, (Lines{"10", "11", "20", "21"}));
  EXPECT_EQ(listed_.size(), 1U);
  EXPECT_EQ(trouble_, (Lines{"watch_cut"}));
}

TEST_F(Follows, an_event_cut_in_half_comes_again_whole) {
  const std::string added = event("ADDED", secret("a", "11"));
  const Lines changes = run({scripted(200, list_of("10", {}))},
                            {scripted_stream({added.substr(0, 30)}, Then::close),
                             scripted_stream({added.substr(0, 50), added.substr(50)}, Then::hold)},
                            1);
  EXPECT_EQ(changes, (Lines{"+a"}));
  EXPECT_EQ(watched_, (Lines{"10", "10"}));
}

TEST_F(Follows, an_expired_watch_lists_again_and_no_deletion_is_missed) {
  CASE("OP-91");
  const Lines changes =
      run({scripted(200, list_of("10", {secret("a", "4"), secret("b", "5"), secret("c", "6")})),
           scripted(200, list_of("30", {secret("b", "5"), secret("c", "29"), secret("d", "28")}))},
          {scripted_stream({kExpired}), scripted_stream({}, Then::hold)}, 6);
  EXPECT_EQ(changes, (Lines{"+a", "+b", "+c", "~c", "+d", "-a"}));
  EXPECT_EQ(kept_, (Lines{"b@5", "c@29", "d@28"}));
  EXPECT_EQ(listed_, (Lines{"", ""}));
  EXPECT_TRUE(trouble_.empty());
}

TEST_F(Follows, a_watch_refused_with_410_lists_again) {
  CASE("OP-91");
  const Lines changes =
      run({scripted(200, list_of("10", {secret("a", "4")})), scripted(200, list_of("30", {}))},
          {scripted(410, R"({"kind":"Status","code":410,"reason":"Gone"})"),
           scripted_stream({}, Then::hold)},
          2);
  EXPECT_EQ(changes, (Lines{"+a", "-a"}));
}

TEST_F(Follows, a_broken_line_lists_again) {
  const Lines changes =
      run({scripted(200, list_of("10", {})), scripted(200, list_of("30", {secret("a", "29")}))},
          {scripted_stream({"nonsense\n"}), scripted_stream({}, Then::hold)}, 1);
  EXPECT_EQ(changes, (Lines{"+a"}));
  EXPECT_EQ(trouble_, (Lines{"frame_malformed"}));
}

TEST_F(Follows, an_object_of_two_mebibytes_comes_through) {
  std::string large = secret("a", "11");
  large.replace(large.find("dg=="), 4, std::string(2U << 20U, 'A'));
  const Lines changes = run({scripted(200, list_of("10", {}))},
                            {scripted_stream({event("ADDED", large)}, Then::hold)}, 1);
  EXPECT_EQ(changes, (Lines{"+a"}));
}

TEST_F(Follows, keeps_what_it_is_told_to_keep) {
  Interest interest{.resource = kSecrets};
  interest.selection.metadata_only = true;
  interest.keep = [](json::Object o) -> std::optional<json::Object> {
    if (metadata_text(o, "name") == "b") return std::nullopt;
    o.remove("data");
    return o;
  };
  const Lines changes =
      run({scripted(200, list_of("10", {secret("a", "4"), secret("b", "5")}))},
          {scripted_stream(
              {event("MODIFIED", secret("b", "11")) + event("MODIFIED", secret("a", "12")) +
               event("DELETED", secret("b", "13")) + event("DELETED", secret("a", "14"))},
              Then::hold)},
          3, std::move(interest));
  EXPECT_EQ(changes, (Lines{"+a", "~a", "-a"}));
}

TEST_F(Follows, failures_wait_longer_each_time_and_a_refusal_is_known) {
  const Lines changes = run({scripted(403, R"({"reason":"Forbidden"})"), scripted(403, "{}"),
                             scripted(403, "{}"), scripted(200, list_of("10", {secret("a", "4")}))},
                            {}, 1);
  EXPECT_EQ(trouble_, (Lines{"forbidden", "forbidden", "forbidden"}));
  using std::chrono::milliseconds;
  EXPECT_EQ(pace_.slept(),
            (std::vector<milliseconds>{milliseconds(800), milliseconds(1600), milliseconds(3200)}));
  EXPECT_TRUE(synced_);
}

// As an API server answers that has just started.
TEST_F(Follows, a_refusal_after_a_list_is_asked_about_again_before_it_is_believed) {
  const Lines changes =
      run({scripted(200, list_of("10", {})), scripted(403, "{}"), scripted(200, list_of("11", {})),
           scripted(200, list_of("12", {secret("a", "12")}))},
          {scripted(403, "{}"), scripted(404, "{}")}, 1);
  EXPECT_EQ(changes, (Lines{"+a"}));
  EXPECT_EQ(trouble_, (Lines{"forbidden", "forbidden", "not_found"}));
  EXPECT_EQ(refused_, (std::vector<bool>{false, true, true}));
  using std::chrono::milliseconds;
  EXPECT_EQ(pace_.slept(), (std::vector<milliseconds>{milliseconds(2000), milliseconds(1600),
                                                      milliseconds(3200)}));
}

TEST_F(Follows, a_refused_watch_waits_as_long_as_the_server_asks) {
  const Lines changes =
      run({scripted(200, list_of("10", {}))},
          {scripted(429, "{}", "Retry-After: 7\r\n"), scripted(503, "{}", "Retry-After: 3600\r\n"),
           scripted(503, "{}"), scripted_stream({event("ADDED", secret("a", "11"))}, Then::hold)},
          1);
  EXPECT_EQ(changes, (Lines{"+a"}));
  using std::chrono::milliseconds;
  EXPECT_EQ(pace_.slept(), (std::vector<milliseconds>{milliseconds(7000), milliseconds(30000),
                                                      milliseconds(3200)}));
}

TEST_F(Follows, a_version_is_opaque_and_encoded_in_the_query) {
  const Lines changes = run({scripted(200, list_of("1&x=2", {}))},
                            {scripted_stream({event("ADDED", secret("a", "11"))}, Then::hold)}, 1);
  EXPECT_EQ(changes, (Lines{"+a"}));
  EXPECT_EQ(watched_, (Lines{"1%26x%3D2"}));
}

TEST(Backoff, doubles_to_its_ceiling_and_spreads_by_a_fifth) {
  using std::chrono::milliseconds;
  const Backoff backoff{milliseconds(800), milliseconds(30000)};
  EXPECT_EQ(backoff.after(1, 0.5), milliseconds(800));
  EXPECT_EQ(backoff.after(5, 0.5), milliseconds(12800));
  EXPECT_EQ(backoff.after(7, 0.5), milliseconds(30000));
  EXPECT_EQ(backoff.after(1000000, 0.5), milliseconds(30000));
  EXPECT_EQ(backoff.after(1, 0.0), milliseconds(640));
  EXPECT_LE(backoff.after(1, 0.999), milliseconds(960));
}

}  // namespace
}  // namespace trustee::k8s
