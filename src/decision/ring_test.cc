#include "decision/ring.h"

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/cursor.h"
#include "codec/time.h"

namespace trustee::decision {
namespace {

std::shared_ptr<const Record> record(const std::string& id, std::size_t evidence_bytes = 0) {
  auto out = std::make_shared<Record>();
  out->request_id = RequestId(id);
  out->devices.push_back({"cpu0", "sample", std::string(evidence_bytes, 'x'), nullptr, {}});
  return out;
}

std::string ids(const Ring& ring, std::size_t count = 100) {
  std::string out;
  for (const auto& r : ring.latest(count)) {
    out += r->request_id.text();
  }
  return out;
}

TEST(Ring, keeps_the_latest) {
  Ring ring({.records = 3});
  for (const char* id : {"a", "b", "c", "d"}) {
    ring.add(record(id));
  }
  EXPECT_EQ(ids(ring), "dcb");
  EXPECT_EQ(ids(ring, 2), "dc");
  EXPECT_EQ(ring.find("a"), nullptr);
  EXPECT_EQ(ring.find("b")->request_id.text(), "b");
}

TEST(Ring, finds_the_latest_of_equal_ids) {
  Ring ring({.records = 3});
  ring.add(record("a", 1));
  ring.add(record("a", 2));
  EXPECT_EQ(ring.find("a")->devices.at(0).annotated_evidence.size(), 2U);
}

TEST(Ring, is_bounded_in_bytes_and_drops_the_oldest) {
  const std::size_t one = footprint(*record("a", 10'000));
  Ring ring({.records = 100, .bytes = 3 * one});
  for (const char* id : {"a", "b", "c", "d"}) {
    ring.add(record(id, 10'000));
  }
  EXPECT_EQ(ids(ring), "dcb");
  ring.add(record("e", 2 * 10'000));
  EXPECT_EQ(ids(ring), "ed");
  ring.add(record("f", 100'000));
  EXPECT_EQ(ids(ring), "ed") << "what is larger than the ring is not kept";
}

TEST(Footprint, counts_everything_that_may_be_large) {
  constexpr std::size_t kLarge = 10'000;
  const std::string large(kLarge, 'x');
  const auto with = [](const std::function<void(Record&)>& change) {
    Record r;
    r.devices.resize(1);
    r.release = Release{};
    change(r);
    return footprint(r);
  };
  const std::size_t empty = with([](Record&) {});
  const auto grows = [&](std::string_view what, const std::function<void(Record&)>& change) {
    EXPECT_GE(with(change), empty + kLarge) << what;
  };
  grows("extension", [&](Record& r) {
    r.devices[0].appraisal.extensions.push_back({"e", 1, json::Array{json::Object{{"a", large}}}});
  });
  grows("extension's name",
        [&](Record& r) { r.devices[0].appraisal.extensions.push_back({large, 1, 2}); });
  grows("query", [&](Record& r) { r.devices[0].appraisal.queries.push_back({large, true}); });
  grows("resource", [&](Record& r) { r.release->resource = large; });
  grows("refusal", [&](Record& r) { r.release->refusal = Error(CursorErrc::truncated, large); });
  grows("field",
        [&](Record& r) { r.findings.add({.rule = CursorErrc::truncated, .field = large}); });
  grows("detail",
        [&](Record& r) { r.findings.add({.rule = CursorErrc::truncated, .detail = large}); });
  grows("seen", [&](Record& r) {
    r.findings.add({.rule = CursorErrc::truncated, .seen = json::Value(large)});
  });
}

TEST(Ring, a_record_held_elsewhere_outlives_the_ring) {
  std::shared_ptr<const Record> kept;
  {
    Ring ring({.records = 1});
    ring.add(record("a"));
    kept = ring.find("a");
    ring.add(record("b"));
  }
  EXPECT_EQ(kept->request_id.text(), "a");
}

TEST(Ring, is_used_from_many_threads) {
  Ring ring({.records = 16});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&ring, t] {
      for (int i = 0; i < 500; ++i) {
        ring.add(record(std::to_string(t)));
        (void)ring.find("0");
        (void)ring.latest(4);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(ring.latest(100).size(), 16U);
}

TEST(Record, is_written_with_what_was_asked_and_answered) {
  Record r;
  r.request_id = RequestId("r-1");
  r.time = codec::parse_rfc3339_seconds("2026-11-24T10:05:00Z").value();
  r.generation = 3;
  r.verdict = Verdict::issued;
  r.evidence.push_back({"sample", "ab", true});
  std::string entries = "[";
  for (int i = 0; i < 2'000; ++i) {
    entries += std::to_string(1'000 + i) + ",";
  }
  entries.back() = ']';
  const rego::NamedJson values[] = {{"a", R"(["x"])"}, {"big", entries}};
  r.references = rego::ReferenceSet::create(values).value();
  Device device{"cpu0", "sample", R"({"sample":{"svn":"1"}})", nullptr, {}};
  device.appraisal.policy_id = "default_cpu";
  device.appraisal.policy_digest = "cd";
  device.appraisal.vector.set(appraise::TrustClaim::hardware, 2);
  device.appraisal.status = appraise::Tier::affirming;
  device.appraisal.queries = {{"a", true}, {"big", true}, {"gone", false}};
  r.devices.push_back(device);
  EXPECT_EQ(json::write(to_json(r)),
            R"({"request_id":"r-1","time":"2026-11-24T10:05:00.000Z","generation":3,)"
            R"("verdict":"issued","evidence":[{"tee":"sample","sha384":"ab","verified":true}],)"
            R"("devices":[{"submodule":"cpu0","tee":"sample","claims":{"sample":{"svn":"1"}},)"
            R"("policy":"default_cpu","policy_digest":"cd","status":"affirming",)"
            R"("trust_vector":{"hardware":2},"queries":[{"name":"a","registered":true,)"
            R"("answer":["x"]},{"name":"big","registered":true,"answer_entries":2000},)"
            R"({"name":"gone","registered":false}]}],)"
            R"("findings":[{"rule":"appraisal.reference_value_missing","actor":"policy-author",)"
            R"("severity":"warning",)"
            R"("text":"the policy asked for a reference value that is not registered",)"
            R"("field":"cpu0.gone"}]})");
}

TEST(Record, of_a_release_tells_resource_and_policy) {
  Record r;
  r.verdict = Verdict::refused;
  r.release = Release{"resource/a/b/c", R"({"iss":"x"})", R"({"plugin":"resource"})", "ef",
                      "text",           std::nullopt};
  const json::Value out = to_json(r);
  EXPECT_EQ(json::write(*out.at_pointer("/release")),
            R"({"resource":"resource/a/b/c","policy_digest":"ef","data":{"plugin":"resource"},)"
            R"("token_claims":{"iss":"x"}})");
  EXPECT_EQ(*out.at_pointer("/verdict")->as_string(), "refused");
}

}  // namespace
}  // namespace trustee::decision
