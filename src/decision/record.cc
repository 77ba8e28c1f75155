#include "decision/record.h"

#include <array>

#include "appraise/findings.h"
#include "codec/time.h"
#include "codec/utf8.h"

namespace trustee::decision {

namespace {

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  return value.ok() ? std::move(*value) : json::Value(codec::utf8_lossy(text));
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

/// What a value keeps in memory beside itself.
std::size_t held_by(const json::Value& value) {
  std::size_t bytes = 0;
  if (const std::string* text = value.as_string(); text != nullptr) {
    bytes += text->size();
  } else if (const json::Number* number = value.as_number(); number != nullptr) {
    bytes += number->text().size();
  } else if (const json::Array* array = value.as_array(); array != nullptr) {
    for (const json::Value& element : *array) {
      bytes += sizeof element + held_by(element);
    }
  } else if (const json::Object* object = value.as_object(); object != nullptr) {
    for (const json::Member& member : *object) {
      bytes += sizeof member + member.name.size() + held_by(member.value);
    }
  }
  return bytes;
}

std::size_t size_of(const Device& device) {
  const appraise::Appraisal& appraisal = device.appraisal;
  std::size_t bytes = sizeof device + device.submodule.size() + device.tee.size() +
                      device.annotated_evidence.size() + appraisal.policy_id.size() +
                      appraisal.policy_digest.size();
  for (const appraise::Extension& extension : appraisal.extensions) {
    bytes += sizeof extension + extension.name.size() + held_by(extension.value);
  }
  for (const rego::ReferenceQuery& query : appraisal.queries) {
    bytes += sizeof query + query.name.size();
  }
  return bytes;
}

std::size_t size_of(const Release& release) {
  std::size_t bytes = release.resource.size() + release.token_claims.size() + release.data.size() +
                      release.policy_digest.size() + release.policy_text.size();
  if (release.refusal.has_value()) {
    bytes += release.refusal->detail().size();
    for (const std::string& what : release.refusal->context()) {
      bytes += sizeof what + what.size();
    }
  }
  return bytes;
}

std::size_t size_of(const finding::Finding& finding) {
  std::size_t bytes = sizeof finding + finding.field.size() + finding.detail.size();
  for (const json::Value& value : finding.expected) {
    bytes += sizeof value + held_by(value);
  }
  for (const auto* value : {&finding.seen, &finding.nearest}) {
    if (value->has_value()) bytes += held_by(**value);
  }
  return bytes;
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
    bytes += size_of(device);
  }
  if (record.release.has_value()) bytes += size_of(*record.release);
  for (const finding::Finding& finding : record.findings) {
    bytes += size_of(finding);
  }
  return bytes;
}

}  // namespace trustee::decision
