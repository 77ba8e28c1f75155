#include "finding/finding.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "codec/printable.h"
#include "codec/utf8.h"

namespace trustee::finding {
namespace {

using json::Value;

/// Characters that differ position by position; what one text has more of differs.
std::size_t differences(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  std::size_t count = std::max(a.size(), b.size()) - common;
  for (std::size_t i = 0; i < common; ++i) {
    if (a[i] != b[i]) ++count;
  }
  return count;
}

/// Distance between two values, or nothing when they are not alike at all.
std::optional<std::uint64_t> distance(const Value& seen, const Value& candidate) {
  const std::string* a = seen.as_string();
  const std::string* b = candidate.as_string();
  if (a != nullptr && b != nullptr) {
    const std::size_t count = differences(*a, *b);
    if (count * 2 > std::max(a->size(), b->size())) return std::nullopt;
    return count;
  }
  if (seen.as_number() == nullptr || candidate.as_number() == nullptr) return std::nullopt;
  const auto n = seen.as_number()->as_i64();
  const auto m = candidate.as_number()->as_i64();
  if (!n.has_value() || !m.has_value()) return std::nullopt;
  const auto x = static_cast<std::uint64_t>(*n);
  const auto y = static_cast<std::uint64_t>(*m);
  return *n > *m ? x - y : y - x;
}

std::string shown(const Value& value) { return codec::printable(json::write(value)); }

std::string expectation(const Finding& f) {
  if (f.expected.empty()) return {};
  if (f.expected.size() == 1) return ", expected " + shown(f.expected.front());
  std::string out = ", expected one of " + std::to_string(f.expected.size()) + " values";
  if (f.nearest.has_value()) out += " (nearest " + shown(*f.nearest) + ")";
  return out;
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::failure:
      return "failure";
  }
  return "failure";
}

json::Value Finding::to_json() const {
  json::Object out{{"rule", rule.id()},
                   {"actor", trustee::to_string(rule.actor())},
                   {"severity", finding::to_string(severity)},
                   {"text", rule.text()}};
  if (!field.empty()) out.append("field", field);
  if (seen.has_value()) out.append("seen", *seen);
  if (!expected.empty()) {
    const std::size_t n = std::min(expected.size(), kMaxExpectedWritten);
    const auto end = expected.begin() + static_cast<std::ptrdiff_t>(n);
    out.append("expected", json::Array(expected.begin(), end));
    out.append("expected_count", std::uint64_t{expected.size()});
  }
  if (nearest.has_value()) out.append("nearest", *nearest);
  if (!detail.empty()) out.append("detail", detail);
  return out;
}

std::string Finding::to_text() const {
  std::string out = rule.id() + ": " + std::string(rule.text());
  if (!field.empty()) {
    out += "; " + codec::printable(field);
    out += seen.has_value() ? " is " + shown(*seen) : " is absent";
    out += expectation(*this);
  }
  if (!detail.empty()) out += "; " + codec::printable(detail);
  return out + "; " + std::string(trustee::to_string(rule.actor())) + " must act";
}

Finding from_error(const Error& error, std::string field) {
  std::string detail = error.detail();
  for (const std::string& what : error.context()) {
    detail += (detail.empty() ? "while " : ", while ") + what;
  }
  // Details quote what guests send, and are cut by bytes.
  return {.rule = error.code(), .field = std::move(field), .detail = codec::utf8_lossy(detail)};
}

Finding mismatch(Code rule, std::string field, json::Value seen,
                 std::vector<json::Value> expected) {
  Finding out{.rule = rule, .field = std::move(field)};
  if (const Value* nearest = nearest_of(seen, expected); nearest != nullptr) {
    out.nearest = *nearest;
  }
  out.seen = std::move(seen);
  out.expected = std::move(expected);
  return out;
}

const json::Value* nearest_of(const json::Value& seen, std::span<const json::Value> candidates) {
  const Value* best = nullptr;
  std::uint64_t best_distance = std::numeric_limits<std::uint64_t>::max();
  for (const Value& candidate : candidates) {
    const auto d = distance(seen, candidate);
    if (!d.has_value() || (best != nullptr && *d >= best_distance)) continue;
    best = &candidate;
    best_distance = *d;
  }
  return best;
}

void FindingList::note_severity(Severity severity) {
  if (!worst_.has_value() || *worst_ < severity) worst_ = severity;
}

void FindingList::add(Finding finding) {
  note_severity(finding.severity);
  if (findings_.size() == kMaxFindings) {
    ++dropped_;
    return;
  }
  findings_.push_back(std::move(finding));
}

void FindingList::add_all(const FindingList& other) {
  for (const Finding& f : other) {
    add(f);
  }
  dropped_ += other.dropped_;
  if (other.worst_.has_value()) note_severity(*other.worst_);
}

bool FindingList::contains(Code rule) const {
  return std::any_of(begin(), end(), [&](const Finding& f) { return f.rule == rule; });
}

json::Value FindingList::to_json() const {
  json::Array out;
  for (const Finding& f : findings_) {
    out.push_back(f.to_json());
  }
  return out;
}

}  // namespace trustee::finding
