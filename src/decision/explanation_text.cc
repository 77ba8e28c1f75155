#include "decision/explanation_text.h"

#include "codec/printable.h"
#include "codec/utf8.h"

namespace trustee::decision {

namespace {

/// One line, whatever a guest put into it.
void add_line(std::string& out, std::string_view start, std::string_view text) {
  out += start;
  codec::append_printable(out, text);
  out += '\n';
}

}  // namespace

std::string to_text(std::string_view subject, const Record& record,
                    std::span<const Explanation> explained) {
  std::string out;
  add_line(out, "", std::string(subject) + ": " + std::string(to_string(record.verdict)));
  if (record.release) add_line(out, "resource ", record.release->resource);
  const finding::FindingList findings = findings_of(record);
  for (const auto& finding : findings) {
    add_line(out, "* ", finding.to_text());
  }
  for (const auto& explanation : explained) {
    add_line(out, "", explanation.subject);
    for (const auto& line : explanation.lines) {
      add_line(out, "  * ", line);
    }
    if (explanation.exhausted) out += "  (the search ended at its limit; there may be more)\n";
  }
  return out;
}

json::Object to_json(const Record& record, std::span<const Explanation> explained) {
  json::Array explanations;
  for (const auto& explanation : explained) {
    json::Object one;
    one.append("subject", codec::utf8_lossy(explanation.subject));
    json::Array lines;
    for (const auto& line : explanation.lines) {
      lines.emplace_back(codec::utf8_lossy(line));
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
