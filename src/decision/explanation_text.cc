#include "decision/explanation_text.h"

namespace trustee::decision {

std::string to_text(std::string_view subject, const Record& record,
                    std::span<const Explanation> explained) {
  std::string out = std::string(subject) + ": " + std::string(to_string(record.verdict)) + "\n";
  if (record.release) out += "resource " + record.release->resource + "\n";
  const finding::FindingList findings = findings_of(record);
  for (const auto& finding : findings) {
    out += "* " + finding.to_text() + "\n";
  }
  for (const auto& explanation : explained) {
    out += explanation.subject + "\n";
    for (const auto& line : explanation.lines) {
      out += "  * " + line + "\n";
    }
    if (explanation.exhausted) out += "  (the search ended at its limit; there may be more)\n";
  }
  return out;
}

json::Object to_json(const Record& record, std::span<const Explanation> explained) {
  json::Array explanations;
  for (const auto& explanation : explained) {
    json::Object one;
    one.append("subject", explanation.subject);
    json::Array lines;
    for (const auto& line : explanation.lines) {
      lines.emplace_back(line);
    }
    one.append("lines", std::move(lines));
    one.append("evaluations", std::uint64_t{explanation.evaluations});
    one.append("exhausted", explanation.exhausted);
    explanations.emplace_back(std::move(one));
  }
  json::Object out;
  out.append("record", to_json(record));
  out.append("explanations", std::move(explanations));
  return out;
}

}  // namespace trustee::decision
