#include "decision/explain.h"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "appraise/default_policies.h"
#include "base/cursor.h"
#include "decision/internal/claim_paths.h"
#include "tests/support/file_bytes.h"
#include "tests/support/fixed_clock.h"

namespace trustee::decision {
namespace {

using appraise::TrustClaim;

const FixedClock& fixed_clock() {
  static const FixedClock clock(from_unix_seconds(1'790'000'000));
  return clock;
}

/// A pair of the corpus: what a reference value is compared with, and what for.
struct Pair {
  std::string reference;
  std::string claim;
  std::string trust_claim;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

/// One accepted evidence of tests/vectors/appraise.
struct Accepted {
  std::string name;
  std::shared_ptr<const appraise::Policy> policy;
  json::Value input;
  json::Object references;
  std::vector<Pair> pairs;
};

std::shared_ptr<const appraise::Policy> shipped(std::string_view id) {
  for (const auto& p : appraise::default_policies()) {
    if (p.id == id) return appraise::Policy::compile(std::string(id), p.text).value();
  }
  return nullptr;
}

std::vector<Accepted> corpus() {
  std::vector<Accepted> out;
  for (const auto& entry : std::filesystem::directory_iterator("tests/vectors/appraise")) {
    if (entry.path().extension() != ".json") continue;
    const json::Value document = json::parse(file_text(entry.path().string())).value();
    const json::Object& o = *document.as_object();
    Accepted a{entry.path().stem().string(),
               shipped(*o.find("policy")->as_string()),
               *o.find("input"),
               *o.find("references")->as_object(),
               {}};
    for (const json::Value& pair : *o.find("pairs")->as_array()) {
      const json::Array& p = *pair.as_array();
      a.pairs.push_back({*p[0].as_string(), *p[1].as_string(), *p[2].as_string()});
    }
    out.push_back(std::move(a));
  }
  return out;
}

rego::ReferenceSet set_of(const json::Object& references) {
  std::vector<std::string> texts;
  for (const json::Member& m : references) {
    texts.push_back(json::write(m.value));
  }
  std::vector<rego::NamedJson> named;
  for (const json::Member& m : references) {
    named.push_back({m.name, texts[named.size()]});
  }
  return rego::ReferenceSet::create(named).value();
}

Explanation explained(const std::shared_ptr<const appraise::Policy>& policy,
                      const json::Value& input, const json::Object& references,
                      const ExplainLimits& limits = {}) {
  const Device device{"cpu0", "t", json::write(input), policy, {}};
  return explain_device(device, set_of(references), fixed_clock(), limits).value();
}

/// The pairs that the explanation names in remedies of one change.
std::multiset<Pair> named(const Explanation& explanation) {
  std::multiset<Pair> out;
  for (const Remedy& remedy : explanation.remedies) {
    if (remedy.changes.size() != 1) {
      out.insert({"more than one change", "", ""});
      continue;
    }
    const Change& change = remedy.changes.front();
    for (const TrustClaim claim : remedy.improves) {
      out.insert({change.reference, change.claim, std::string(to_string(claim))});
    }
  }
  return out;
}

std::string shown(const Explanation& e) {
  std::string out;
  for (const std::string& line : e.lines) {
    out += line + "\n";
  }
  return out;
}

/// The path of a pair's claim below the input.
internal::Path path_of(const json::Value& input, const std::string& claim) {
  for (const internal::Leaf& leaf : internal::leaves_of(input, 10'000)) {
    if (internal::to_string(leaf.path) == claim) return leaf.path;
  }
  ADD_FAILURE() << "no claim " << claim;
  return {};
}

/// The same claim as another machine might have it.
json::Value mutated(const json::Value& value) {
  if (const bool* flag = value.as_bool(); flag != nullptr) return !*flag;
  if (const json::Number* n = value.as_number(); n != nullptr) return *n->as_i64() + 100;
  std::string text = *value.as_string();
  text.front() = text.front() == '7' ? '8' : '7';
  return text;
}

TEST(Explain, accepted_evidence_needs_no_remedy) {
  for (const Accepted& a : corpus()) {
    const Explanation e = explained(a.policy, a.input, a.references);
    EXPECT_TRUE(e.remedies.empty()) << a.name << "\n" << shown(e);
    EXPECT_FALSE(e.exhausted);
    ASSERT_EQ(e.lines.size(), 1U);
    EXPECT_EQ(e.lines[0].substr(0, 18), "cpu0 is affirming:") << e.lines[0];
  }
}

TEST(Explain, a_reference_value_taken_away_is_named_with_its_claim) {
  std::size_t mutations = 0;
  for (const Accepted& a : corpus()) {
    for (const Pair& pair : a.pairs) {
      json::Object references = a.references;
      ASSERT_TRUE(references.remove(pair.reference).has_value()) << pair.reference;
      const Explanation e = explained(a.policy, a.input, references);
      EXPECT_EQ(named(e), std::multiset<Pair>{pair}) << a.name << "\n" << shown(e);
      EXPECT_FALSE(e.exhausted) << e.evaluations;
      ++mutations;
    }
  }
  EXPECT_EQ(mutations, 41U);
}

TEST(Explain, a_claim_that_changed_is_named_with_its_reference_value) {
  std::size_t mutations = 0;
  for (const Accepted& a : corpus()) {
    for (const Pair& pair : a.pairs) {
      if (pair.claim == "sample.platform_version.minor") continue;  // a minimum: tested below
      const internal::Path path = path_of(a.input, pair.claim);
      json::Value changed;
      for (const internal::Leaf& leaf : internal::leaves_of(a.input, 10'000)) {
        if (leaf.path == path) changed = mutated(leaf.value);
      }
      const Explanation e =
          explained(a.policy, internal::with_claim(a.input, path, &changed), a.references);
      EXPECT_EQ(named(e), std::multiset<Pair>{pair}) << a.name << "\n" << shown(e);
      EXPECT_FALSE(e.exhausted) << e.evaluations;
      ++mutations;
    }
  }
  EXPECT_EQ(mutations, 40U);
}

const Accepted& accepted(const std::string& name) {
  static const std::vector<Accepted> all = corpus();
  for (const Accepted& a : all) {
    if (a.name == name) return a;
  }
  ADD_FAILURE() << name;
  return all.front();
}

Explanation sample_with(std::string_view name, json::Value value) {
  const Accepted& a = accepted("sample");
  json::Object references = a.references;
  references.set(name, std::move(value));
  return explained(a.policy, a.input, references);
}

TEST(Explain, a_minimum_that_is_too_high_is_named) {
  const Explanation e = sample_with("minimum_minor_version", 5);
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(e.lines[0],
            "`minimum_minor_version` is `5`, but claim `sample.platform_version.minor` is `4`; "
            "that makes hardware 2 (genuine hardware)");
}

TEST(Explain, a_list_without_the_value_says_how_many_it_has) {
  const Accepted& a = accepted("snp");
  json::Object references = a.references;
  references.set("snp_launch_measurement", json::Array{"aa", "bb"});
  const Explanation e = explained(a.policy, a.input, references);
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(
      e.lines[0],
      "`snp_launch_measurement` has 2 values, none is "
      "`6a6519d757e68c2e939c9dbbbc1828498e8de35d…` (claim `snp.measurement`); adding it makes "
      "executables 3 (approved boot executables)");
}

TEST(Explain, a_single_value_in_place_of_a_list_is_told) {
  const Explanation e = sample_with("svn", "1");
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(e.lines[0],
            "`svn` is the single value `1`, but the policy looks for claim `sample.svn` in a list: "
            "register `[\"1\"]`; that makes hardware 2 (genuine hardware)");
}

TEST(Explain, a_list_in_place_of_a_single_value_is_told) {
  const Explanation e = sample_with("major_version", json::Array{1});
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(
      e.lines[0],
      "`major_version` is `[1]`, but the policy compares claim "
      "`sample.platform_version.major` with a single value: register `1`; that makes hardware "
      "2 (genuine hardware)");
}

TEST(Explain, null_counts_as_not_registered) {
  const Explanation e = sample_with("launch_digest", nullptr);
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(
      e.lines[0],
      "`launch_digest` is not registered; claim `sample.launch_digest` is `abcde`, so it would "
      "have to be `[\"abcde\"]`; that makes executables 3 (approved boot executables)");
}

TEST(Explain, several_reference_values_that_are_missing_come_as_one_set) {
  for (const Accepted& a : corpus()) {
    const Explanation e = explained(a.policy, a.input, {});
    std::set<Pair> got;
    for (const Remedy& remedy : e.remedies) {
      for (const Change& change : remedy.changes) {
        got.insert({change.reference, change.claim, std::string(to_string(remedy.improves.at(0)))});
      }
    }
    std::set<Pair> want(a.pairs.begin(), a.pairs.end());
    // Without the event log's values the registers alone are affirming already.
    std::erase_if(want, [](const Pair& p) { return p.reference.starts_with("tdvf"); });
    EXPECT_EQ(got, want) << a.name << "\n" << shown(e);
    EXPECT_FALSE(e.exhausted) << a.name << " " << e.evaluations;
    for (std::size_t i = 1; i < e.remedies.size(); ++i) {
      EXPECT_LE(e.remedies[i - 1].changes.size(), e.remedies[i].changes.size());
    }
    RecordProperty(a.name, static_cast<int>(e.evaluations));
  }
}

TEST(Explain, what_the_policy_itself_wants_is_told) {
  const Accepted& a = accepted("snp");
  json::Value input = a.input;
  input.as_object()->find("snp")->as_object()->set("policy_debug_allowed", true);
  Explanation e = explained(a.policy, input, a.references);
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(
      e.lines[0],
      "claim `snp.policy_debug_allowed` is `true`; the policy itself wants `false`; that makes "
      "configuration 2 (approved configuration)");
  const Accepted& tdx = accepted("tdx");
  input = tdx.input;
  input.as_object()->find("tdx")->as_object()->set("tcb_status", "OutOfDate");
  e = explained(tdx.policy, input, tdx.references);
  ASSERT_EQ(e.lines.size(), 1U) << shown(e);
  EXPECT_EQ(e.lines[0],
            "claim `tdx.tcb_status` is `OutOfDate`; the policy itself wants `UpToDate`; that makes "
            "hardware 2 (genuine hardware)");
}

TEST(Explain, where_nothing_small_helps_it_says_so_with_the_vector) {
  const Explanation e =
      explained(shipped("default_cpu"), json::parse(R"({"sgx":{"mr_enclave":"aa"}})").value(), {});
  EXPECT_TRUE(e.remedies.empty());
  ASSERT_EQ(e.lines.size(), 1U);
  EXPECT_EQ(e.lines[0],
            "nothing small changes cpu0, which is contraindicated: configuration 36 (relevant "
            "elements of the configuration are unavailable), executables 33 (unrecognized run-time "
            "content), hardware 97 (unrecognized hardware)");
}

TEST(Explain, stays_within_its_bounds_and_says_so) {
  const Accepted& a = accepted("snp");
  const Explanation few = explained(a.policy, a.input, {}, {.evaluations = 5});
  EXPECT_TRUE(few.exhausted);
  EXPECT_LE(few.evaluations, 5U);
  EXPECT_EQ(few.lines.back(), "the search was stopped after 5 evaluations; there may be more");
  const Explanation late =
      explained(a.policy, a.input, {}, {.time = std::chrono::milliseconds(-1)});
  EXPECT_TRUE(late.exhausted);
  EXPECT_EQ(late.evaluations, 0U);
}

Explanation release(std::string_view policy_id, std::string_view token) {
  Release r{"resource/default/test/secret",
            std::string(token),
            R"({"plugin":"resource","resource-path":["default","test","secret"],"query":{}})",
            "",
            "",
            std::nullopt};
  for (const auto& p : appraise::resource_policies()) {
    if (p.id != policy_id) continue;
    r.policy_text = std::string(p.text);
    const rego::WantedRule rule[] = {{.path = "data.policy.allow"}};
    r.policy = rego::Policy::compile(p.text, {.rules = rule}).value();
  }
  return explain_release(r, fixed_clock()).value();
}

TEST(ExplainRelease, the_submodule_that_is_not_affirming_is_named) {
  const Explanation e = release(
      "resource_affirming",
      R"({"submods":{"cpu0":{"ear.status":"affirming","ear.trustworthiness-vector":{"hardware":2}},)"
      R"("gpu0":{"ear.status":"warning","ear.trustworthiness-vector":{"executables":33}}}})");
  EXPECT_EQ(shown(e),
            "cpu0 is `affirming`: hardware 2 (genuine hardware)\n"
            "gpu0 is `warning`: executables 33 (unrecognized run-time content)\n"
            "the resource policy's `allow` is false\n"
            "claim `submods.gpu0[\"ear.status\"]` is `warning`; the policy itself wants "
            "`affirming`\n"
            "claim `submods.gpu0` is there; the policy itself wants it not to be\n");
}

TEST(ExplainRelease, several_submodules_are_named_together) {
  const Explanation e = release(
      "resource_affirming",
      R"({"submods":{"cpu0":{"ear.status":"warning"},"gpu0":{"ear.status":"contraindicated"}}})");
  ASSERT_EQ(e.remedies.size(), 1U) << shown(e);
  EXPECT_EQ(e.remedies[0].changes.size(), 2U);
  EXPECT_EQ(
      e.lines.back(),
      "claim `submods.cpu0[\"ear.status\"]` is `warning`; the policy itself wants "
      "`affirming`; and claim `submods.gpu0[\"ear.status\"]` is `contraindicated`; the policy "
      "itself wants `affirming`");
}

TEST(ExplainRelease, the_claim_that_must_not_be_there_is_named) {
  const Explanation e =
      release("resource_default",
              R"({"submods":{"cpu0":{"ear.veraison.annotated-evidence":{"sample":{"svn":"1"}}}}})");
  ASSERT_EQ(e.remedies.size(), 1U) << shown(e);
  EXPECT_EQ(e.remedies[0].changes[0].kind, Change::Kind::claim_absent);
  EXPECT_EQ(e.remedies[0].changes[0].claim,
            "submods.cpu0[\"ear.veraison.annotated-evidence\"].sample");
}

TEST(ExplainRelease, a_policy_that_never_allows_is_said_to) {
  const Explanation e = release("resource_deny_all", R"({"submods":{}})");
  EXPECT_EQ(shown(e),
            "the resource policy's `allow` is false\n"
            "no small change of the token's claims makes it allow\n");
}

TEST(ExplainRelease, an_allowed_request_needs_nothing) {
  const Explanation e = release("resource_allow_all", R"({"a":1})");
  EXPECT_EQ(shown(e), "the resource policy's `allow` is true\n");
  EXPECT_TRUE(e.remedies.empty());
}

TEST(Explain, a_record_is_explained_as_a_whole) {
  const Accepted& a = accepted("sample");
  Record record;
  record.devices.push_back({"cpu0", "sample", json::write(a.input), a.policy, {}});
  record.findings.add({.rule = finding::from_error(Error(trustee::CursorErrc::truncated)).rule});
  const auto all = explain(record, fixed_clock());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].subject, "verification");
  EXPECT_EQ(all[1].subject, "cpu0");
  EXPECT_EQ(all[1].lines.back(), "with all of these reference values cpu0 would be affirming");
}

TEST(Literals, are_the_texts_and_numbers_of_a_policy_outside_comments) {
  const auto literals = internal::literals_of(
      "package p # \"not this\" 7\nx2 := \"a\\\"b\" if input.y == -3\nz := [1.5, \"a\\\"b\", 1e]",
      100);
  EXPECT_EQ(json::write(json::Array(literals.begin(), literals.end())), R"(["a\"b",-3,1.5,1])");
}

TEST(Literals, leave_out_what_names_a_member_or_a_reference_value) {
  const auto literals = internal::literals_of(
      "a if input[\"m1\"][\"m2\"] in query_reference_value(\"r\")\nb if f(\"arg\")\n"
      "c if { {\"key\": 1}[input.x]; input.y in[\"one\"]; g([\"two\"]); [\"three\"] }",
      100);
  EXPECT_EQ(json::write(json::Array(literals.begin(), literals.end())),
            R"(["arg","key",1,"one","two","three"])");
}

}  // namespace
}  // namespace trustee::decision
