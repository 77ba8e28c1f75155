#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "appraise/default_policies.h"
#include "appraise/evaluate.h"
#include "codec/json.h"
#include "tests/support/file_bytes.h"

namespace trustee::appraise {

/// Reference values given as the members of a JSON object.
inline References references_of(std::string_view object_text) {
  const json::Value document = json::parse(object_text).value();
  std::vector<std::string> texts;
  for (const json::Member& m : *document.as_object()) {
    texts.push_back(json::write(m.value));
  }
  std::vector<rego::NamedJson> named;
  for (const json::Member& m : *document.as_object()) {
    named.push_back({m.name, texts[named.size()]});
  }
  return {.set = rego::ReferenceSet::create(named).value()};
}

inline std::string shipped_text(std::string_view id) {
  for (const ShippedPolicy& p : default_policies()) {
    if (p.id == id) return std::string(p.text);
  }
  ADD_FAILURE() << "no shipped policy " << id;
  return {};
}

inline std::shared_ptr<const Policy> shipped(std::string_view id) {
  return Policy::compile(std::string(id), shipped_text(id)).value();
}

/// A policy of which only the value of one rule matters.
inline std::shared_ptr<const Policy> policy_with(std::string_view rules) {
  return Policy::compile("t_cpu", "package policy\nimport rego.v1\n" + std::string(rules)).value();
}

inline Result<Appraisal> appraised(const Policy& policy, std::string_view input,
                                   const References& references = {}) {
  auto outcome = evaluate(policy, input, references);
  if (!outcome.ok()) return outcome.error();
  return std::get<Appraisal>(std::move(*outcome));
}

/// `executables/hardware/configuration status`, or the code of the failure.
inline std::string verdict(const Policy& policy, std::string_view input,
                           const References& references = {}) {
  const auto a = appraised(policy, input, references);
  if (!a.ok()) return std::string(a.error().code().name());
  const auto text = [&](TrustClaim c) {
    const auto v = a->vector.get(c);
    return v.has_value() ? std::to_string(*v) : std::string("-");
  };
  return text(TrustClaim::executables) + "/" + text(TrustClaim::hardware) + "/" +
         text(TrustClaim::configuration) + " " + std::string(to_string(a->status));
}

/// The claims of the sample TEE (verifiers specification, section 3).
inline constexpr std::string_view kSample =
    R"({"sample":{"debug":false,"launch_digest":"abcde","platform_version":{"major":1,"minor":4},)"
    R"("svn":"1"}})";
inline constexpr std::string_view kSampleReferences =
    R"({"svn":["1"],"launch_digest":["abcde"],"major_version":1,"minimum_minor_version":1})";

}  // namespace trustee::appraise
