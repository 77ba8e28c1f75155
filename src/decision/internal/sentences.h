#pragma once

#include <string>
#include <vector>

#include "decision/explain.h"

namespace trustee::decision::internal {

// What a guest had a hand in (names of claims, values, what the policy makes of them) is printable
// in all of these.

/// A value as it is shown: compact, cut when long.
std::string shown(const json::Value& value);

/// What one change is about, e.g. "`snp_launch_measurement` has 2 values, none is `9f3c…` (claim
/// `snp.measurement`)". `current`: what is registered.
std::string sentence(const Change& change, const std::optional<json::Value>& current);

/// What a remedy achieves, e.g. "makes executables 3 (approved boot executables)".
std::string effect(const Remedy& remedy);

/// That a search ended at its limit.
std::string stopped(std::size_t evaluations);

/// The vector for a person: "executables 33 (unrecognized run-time content), hardware 2 (…)".
std::string vector_text(const appraise::TrustVector& vector);

}  // namespace trustee::decision::internal
