#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"

namespace trustee::finding {

/// What a finding means for the verdict.
enum class Severity : std::uint8_t {
  note,     ///< stated for the record; the verdict does not depend on it
  warning,  ///< the verdict is lower than it could be, nothing is denied because of it
  failure,  ///< a rule was broken or could not be checked
};

/// The word for `severity` in records and logs: its enumerator.
std::string_view to_string(Severity severity);

/// Expected values written out in full; `expected_count` tells how many there are.
inline constexpr std::size_t kMaxExpectedWritten = 16;

/// One reason: the rule, what it looked at, what it wanted. The same object feeds the log line, the
/// audit record, the metrics and `explain`. Must not hold secrets. Who must act is the rule's
/// actor.
struct Finding {
  Code rule;  ///< `rule.id()` is the finding id, `module.enumerator`
  Severity severity = Severity::failure;
  std::string field = {};                  ///< claim or field, e.g. `snp.measurement`; may be empty
  std::optional<json::Value> seen = {};    ///< absent: there was nothing to see
  std::vector<json::Value> expected = {};  ///< values any of which would have satisfied the rule
  std::optional<json::Value> nearest =
      {};                   ///< the expected value most like `seen`, if one is like it
  std::string detail = {};  ///< for the administrator; free text

  /// Shape  `{"rule","actor","severity","text"}` and, as far as there is something to say, `field`,
  ///        `seen`, `expected` (at most kMaxExpectedWritten), `expected_count`, `nearest`,
  ///        `detail`.
  json::Value to_json() const;
  /// One line for a person, printable whatever the guest sent: `snp.x: text; a.b is 1, expected
  /// one of 2 values (nearest 3); policy-author must act`.
  std::string to_text() const;
};

/// A finding from an error that stopped a verification: its code, detail and context.
Finding from_error(const Error& error, std::string field = {});

/// A finding about a value that none of the expected ones equals; `nearest` is filled in.
Finding mismatch(Code rule, std::string field, json::Value seen, std::vector<json::Value> expected);

/// The value of `candidates` most like `seen`, or null when none is like it: for strings the fewest
/// differing characters, at most half of the longer one; for integers the smallest distance. The
/// first of equals. Lifetime: points into `candidates`. Cost: one pass over all candidates.
const json::Value* nearest_of(const json::Value& seen, std::span<const json::Value> candidates);

/// The findings of one appraisal in the order they were made, bounded.
class FindingList {
 public:
  /// Findings kept; later ones are only counted, but failures still count for `worst()`.
  static constexpr std::size_t kMaxFindings = 256;

  void add(Finding finding);
  void add_all(const FindingList& other);

  std::size_t size() const { return findings_.size(); }
  bool empty() const { return findings_.empty(); }
  auto begin() const { return findings_.begin(); }
  auto end() const { return findings_.end(); }
  /// How many findings found no room.
  std::size_t dropped() const { return dropped_; }
  /// The gravest severity ever added; nothing when nothing was.
  std::optional<Severity> worst() const { return worst_; }
  bool has_failures() const { return worst_ == Severity::failure; }
  /// Whether a kept finding has this rule.
  bool contains(Code rule) const;

  /// An array of `Finding::to_json`.
  json::Value to_json() const;

 private:
  void note_severity(Severity severity);

  std::vector<Finding> findings_;
  std::size_t dropped_ = 0;
  std::optional<Severity> worst_;
};

}  // namespace trustee::finding
