// What an appraisal costs as the reference values and the policy grow: SNP claims that the default
// CPU policy accepts, JSON text in, trust vector out.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "appraise/default_policies.h"
#include "appraise/evaluate.h"
#include "bench/support/check.h"
#include "bench/support/rows.h"
#include "bench/support/stopwatch.h"

namespace trustee::bench {
namespace {

constexpr int kRounds = 60;
constexpr int kTimes = 30;
constexpr int kMany = 100'000;
constexpr int kEntries = 10'000;
constexpr double kSameCost = 1.1;
constexpr double kTenfoldCost = 2.0;
constexpr std::string_view kMeasurement = "snp_launch_measurement";

json::Value vector_file() {
  std::ifstream in("tests/vectors/appraise/snp.json", std::ios::binary);
  if (!in.good()) give_up("run from the repository root");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return must(json::parse(text));
}

struct Named {
  std::string name;
  std::string json;
};

rego::ReferenceSet set_of(const std::vector<Named>& values) {
  std::vector<rego::NamedJson> borrowed;
  for (const Named& v : values) {
    borrowed.push_back({v.name, v.json});
  }
  return must(rego::ReferenceSet::create(borrowed));
}

std::vector<Named> references(const json::Value& file) {
  std::vector<Named> out;
  for (const json::Member& m : *file.at_pointer("/references")->as_object()) {
    out.push_back({m.name, json::write(m.value)});
  }
  return out;
}

std::vector<Named> with_many(std::vector<Named> values) {
  while (values.size() < kMany) {
    values.push_back({"value-" + std::to_string(values.size()), "[\"other\"]"});
  }
  return values;
}

// The measurement that matches stands last among 10,000.
std::vector<Named> with_long_value(std::vector<Named> values) {
  for (Named& v : values) {
    if (v.name != kMeasurement) continue;
    json::Value old = must(json::parse(v.json));
    json::Array entries;
    for (int i = 1; i < kEntries; ++i) {
      const std::string digits = std::to_string(i);
      entries.emplace_back(std::string(96 - digits.size(), '0') + digits);
    }
    entries.push_back(old.as_array()->back());
    v.json = json::write(std::move(entries));
  }
  return values;
}

std::string default_text() {
  for (const auto& shipped : appraise::default_policies()) {
    if (shipped.id == "default_cpu") return std::string(shipped.text);
  }
  give_up("no default policy");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The platforms' rules of the default policy.
std::string platform_rules(const std::string& text) {
  const std::size_t start = text.find("# ---- sample");
  const std::size_t end = text.find("# ---- What the token tells");
  if (start == std::string::npos || end == std::string::npos) give_up("the policy has changed");
  return text.substr(start, end - start);
}

std::string renamed_functions(const std::string& rules, const std::string& suffix) {
  std::string out = rules;
  for (const std::string name : {"snp_sealed", "tdx_registers", "tdx_genuine", "tdx_kernel"}) {
    out = replaced(out, name, name + suffix);
  }
  return out;
}

std::string with_comments(std::string text) {
  const std::size_t size = 10 * text.size();
  while (text.size() < size) {
    text += "# a comment as long as the lines of a policy are\n";
  }
  return text;
}

// Nine more sets of platform rules under names that nobody asks for.
std::string with_unused_rules(std::string text) {
  const std::string rules = platform_rules(text);
  for (int i = 0; i < 9; ++i) {
    const std::string suffix = "_" + std::to_string(i);
    std::string copy = renamed_functions(rules, suffix);
    for (const std::string name : {"executables", "hardware", "configuration"}) {
      copy = replaced(copy, "\n" + name + " :=", "\n" + name + suffix + " :=");
    }
    text += copy;
  }
  return text;
}

// Nine more sets of alternatives of the rules asked for, each for a platform of its own.
std::string with_platforms(std::string text) {
  const std::string rules = platform_rules(text);
  for (int i = 0; i < 9; ++i) {
    const std::string suffix = "_" + std::to_string(i);
    std::string copy = renamed_functions(rules, suffix);
    for (const std::string name : {"sample", "snp", "tdx", "tpm", "se"}) {
      copy = replaced(copy, "input." + name, "input." + name + suffix);
    }
    text += replaced(copy, "-vtpm\"]", "-vtpm" + suffix + "\"]");
  }
  return text;
}

// Nine more sets of alternatives for the same platforms: each is tried, and fails at a reference
// value that is not registered.
std::string with_alternatives(std::string text) {
  const std::string rules = platform_rules(text);
  for (int i = 0; i < 9; ++i) {
    const std::string suffix = "_" + std::to_string(i);
    std::string copy = renamed_functions(rules, suffix);
    copy =
        replaced(copy, "query_reference_value(\"", "query_reference_value(\"other" + suffix + "_");
    // The weaker alternative would hold beside the stronger one of the original.
    text += replaced(copy, " else := 3 if {\n\tsnp_sealed" + suffix + "\n}", "");
  }
  return text;
}

Work appraisal(const std::string& text, const rego::ReferenceSet& set, const std::string& input) {
  const auto policy = must(appraise::Policy::compile("default_cpu", text));
  auto once = [policy, set, input] {
    const auto outcome = must(appraise::evaluate(*policy, input, {set}));
    const auto* appraisal = std::get_if<appraise::Appraisal>(&outcome);
    if (appraisal == nullptr || appraisal->status != appraise::Tier::affirming) {
      give_up("the evidence was not accepted");
    }
  };
  return work("appraisal", kTimes, std::move(once));
}

}  // namespace
}  // namespace trustee::bench

int main() {
  using namespace trustee::bench;
  const trustee::json::Value file = vector_file();
  const std::string input = trustee::json::write(*file.at_pointer("/input"));
  const auto few = set_of(references(file));
  const std::string text = default_text();
  std::vector<Work> works;
  works.push_back(appraisal(text, few, input));
  works.push_back(appraisal(text, set_of(with_many(references(file))), input));
  works.push_back(appraisal(text, set_of(with_long_value(references(file))), input));
  works.push_back(appraisal(with_comments(text), few, input));
  works.push_back(appraisal(with_unused_rules(text), few, input));
  works.push_back(appraisal(with_platforms(text), few, input));
  works.push_back(appraisal(with_alternatives(text), few, input));
  measure(works, kRounds);
  const double base = works[0].best;
  print_figure("appraisal, SNP claims, 11 reference values", base);
  print_factor("  with 100,000 reference values", works[1].best, base, kSameCost);
  print_factor("  with one value of 10,000 entries", works[2].best, base, kSameCost);
  print_factor("  policy ten times the size: comments", works[3].best, base, kTenfoldCost);
  print_factor("  policy ten times the size: rules not asked for", works[4].best, base,
               kTenfoldCost);
  print_factor("  policy ten times the size: alternatives for other platforms", works[5].best, base,
               kTenfoldCost);
  print_factor("  policy ten times the size: alternatives for this platform, all tried",
               works[6].best, base, kTenfoldCost);
  return 0;
}
