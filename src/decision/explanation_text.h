#pragma once

#include <span>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "decision/explain.h"
#include "decision/record.h"

namespace trustee::decision {

/// A decision and its explanation for a person: `subject: verdict`, the resource, the findings,
/// then what would have changed the verdict. Shape   lines, each ended by a newline, with no other
/// control character, whatever the guest sent. `subject` is e.g. `request 0123…`.
std::string to_text(std::string_view subject, const Record& record,
                    std::span<const Explanation> explained);

/// The same for programs: `record` and `explanations`.
json::Object to_json(const Record& record, std::span<const Explanation> explained);

}  // namespace trustee::decision
