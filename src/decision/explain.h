#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "appraise/trust_vector.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"
#include "decision/record.h"

namespace trustee::decision {

/// Bounds of one explanation; what is reached is told, not hidden.
struct ExplainLimits {
  std::size_t evaluations = 20'000;
  std::chrono::milliseconds time{3'000};
  std::size_t claims = 2'048;        ///< leaves of the input that are looked at
  std::size_t changes = 12;          ///< in one remedy
  std::size_t value_length = 1'024;  ///< longer texts are not tried as values
};

/// One thing that could have been otherwise.
struct Change {
  enum class Kind : std::uint8_t {
    register_value,  ///< the reference value is not registered (or null)
    add_to_list,     ///< the list lacks the claim's value
    replace_value,   ///< the single value is another one
    make_list,       ///< a single value is registered where the policy looks into a list
    make_single,     ///< a list is registered where the policy compares a single value
    claim_value,     ///< the policy itself wants another value of the claim
    claim_absent,    ///< the policy wants the claim not to be there
  };
  Kind kind = Kind::register_value;
  std::string reference;  ///< name of the reference value; empty for the claim kinds
  std::string claim;      ///< path, e.g. `snp.measurement`; empty when no single claim was found
  json::Value seen;       ///< what the claim says
  json::Value
      proposed;  ///< what the reference value, or the claim, would be; `add_to_list`: the entry
};

/// A smallest set of changes that improves the verdict when made together.
struct Remedy {
  std::vector<Change> changes;
  std::vector<appraise::TrustClaim> improves;  ///< empty for a release
  appraise::TrustVector after;
};

/// Why a verdict is what it is, found by asking the policy what it would have said otherwise.
struct Explanation {
  std::string subject;  ///< submodule or resource
  std::vector<Remedy> remedies = {};
  std::vector<std::string> lines = {};  ///< the same for a person, one sentence each
  std::size_t evaluations = 0;
  bool exhausted = false;  ///< a limit ended the search: there may be more
};

/// Explains one appraisal of a record: for each reference value the policy asked for, with one
/// claim's value added to its answer; for each claim, with a value in its place that the policy
/// knows. Shape   smallest sets first; for each trust claim the first that was found. Errors
/// rego::library when the policy cannot be asked at all. Cost    one evaluation and up to `limits`:
/// never on a guest's request path.
Result<Explanation> explain_device(const Device& device, const rego::ReferenceSet& references,
                                   const Clock& clock, const ExplainLimits& limits = {});

/// Explains why the resource policy does not allow: which claim of the token, changed or taken
/// away, makes it allow. Errors: as above.
Result<Explanation> explain_release(const Release& release, const Clock& clock,
                                    const ExplainLimits& limits = {});

/// All of a record: its findings of verification, then each device, then the release. Of a policy
/// that cannot be asked it tells why.
std::vector<Explanation> explain(const Record& record, const Clock& clock,
                                 const ExplainLimits& limits = {});

}  // namespace trustee::decision
