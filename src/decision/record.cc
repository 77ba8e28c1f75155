#include "decision/record.h"

#include <array>

#include "appraise/findings.h"
#include "codec/time.h"

namespace trustee::decision {

namespace {

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  return value.ok() ? std::move(*value) : json::Value(text);
}

/// The value that answered a query, or how large it is.
json::Object answered(const rego::ReferenceQuery& query, const rego::ReferenceSet& references) {
  json::Object out{{"name", query.name}, {"registered", query.found}};
  if (!query.found) return out;
  const auto text = references.get(query.name);
  if (!text.ok() || !text->has_value()) return out;
  if ((*text)->size() <= kMaxAnswerWritten) {
    out.set("answer", parsed(**text));
    return out;
  }
  const json::Value value = parsed(**text);
  const json::Array* entries = value.as_array();
  out.set("answer_entries", static_cast<std::uint64_t>(entries == nullptr ? 1U : entries->size()));
  return out;
}

json::Object device_json(const Device& device, const rego::ReferenceSet& references) {
  json::Array queries;
  for (const rego::ReferenceQuery& query : device.appraisal.queries) {
    queries.push_back(answered(query, references));
  }
  return json::Object{{"submodule", device.submodule},
                      {"tee", device.tee},
                      {"claims", parsed(device.annotated_evidence)},
                      {"policy", device.appraisal.policy_id},
                      {"policy_digest", device.appraisal.policy_digest},
                      {"status", appraise::to_string(device.appraisal.status)},
                      {"trust_vector", device.appraisal.vector.to_json()},
                      {"queries", std::move(queries)}};
}

json::Object release_json(const Release& release) {
  return json::Object{{"resource", release.resource},
                      {"policy_digest", release.policy_digest},
                      {"data", parsed(release.data)},
                      {"token_claims", parsed(release.token_claims)}};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::refused:
      return "refused";
    case Verdict::issued:
      return "issued";
    case Verdict::released:
      return "released";
  }
  return {};
}

json::Object to_json(const Record& record) {
  json::Array evidence;
  for (const EvidenceItem& item : record.evidence) {
    evidence.push_back(
        json::Object{{"tee", item.tee}, {"sha384", item.digest}, {"verified", item.verified}});
  }
  json::Array devices;
  for (const Device& device : record.devices) {
    devices.push_back(device_json(device, record.references));
  }
  json::Object out{
      {"request_id", record.request_id.text()}, {"time", codec::rfc3339_millis(record.time)},
      {"generation", record.generation},        {"verdict", to_string(record.verdict)},
      {"evidence", std::move(evidence)},        {"devices", std::move(devices)}};
  if (record.release.has_value()) out.set("release", release_json(*record.release));
  out.set("findings", findings_of(record).to_json());
  return out;
}

finding::FindingList findings_of(const Record& record) {
  finding::FindingList out = record.findings;
  for (const Device& device : record.devices) {
    const bool appraised = !device.appraisal.policy_id.empty();
    if (appraised) out.add_all(appraise::findings_of(device.appraisal, device.submodule));
  }
  if (record.release.has_value() && record.release->refusal.has_value()) {
    out.add(finding::from_error(*record.release->refusal));
  }
  return out;
}

std::size_t footprint(const Record& record) {
  std::size_t bytes = sizeof(Record) + record.evidence.size() * 256;
  for (const Device& device : record.devices) {
    bytes += sizeof(Device) + device.annotated_evidence.size() +
             device.appraisal.queries.size() * sizeof(rego::ReferenceQuery);
  }
  if (record.release.has_value()) {
    const Release& r = *record.release;
    bytes += r.token_claims.size() + r.data.size() + r.policy_text.size();
  }
  return bytes + record.findings.size() * 512;
}

}  // namespace trustee::decision
