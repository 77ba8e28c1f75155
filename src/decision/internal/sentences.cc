#include "decision/internal/sentences.h"

#include "codec/printable.h"

namespace trustee::decision::internal {

namespace {

constexpr std::size_t kShown = 80;

std::string quoted(const std::string& text) { return "`" + codec::printable(text) + "`"; }

std::string claim_of(const Change& change) {
  return change.claim.empty() ? "a claim" : "claim " + quoted(change.claim);
}

std::string count_text(std::size_t n) { return n == 1 ? "1 value" : std::to_string(n) + " values"; }

std::string not_in_list(const Change& change, const std::optional<json::Value>& current) {
  const json::Array* list = current.has_value() ? current->as_array() : nullptr;
  const std::size_t n = list == nullptr ? 0 : list->size();
  const std::string none = n == 0 ? " is an empty list" : " has " + count_text(n);
  const std::string miss = n == 0 ? ", so it lacks " : n == 1 ? ", it is not " : ", none is ";
  return quoted(change.reference) + none + miss + shown(change.seen) + " (" + claim_of(change) +
         ")";
}

std::string shown_or_nothing(const std::optional<json::Value>& value) {
  return value.has_value() ? shown(*value) : "nothing";
}

std::string with_value(std::int8_t value, appraise::TrustClaim claim) {
  std::string out = std::string(to_string(claim)) + " " + std::to_string(value);
  const std::string_view text = appraise::meaning(claim, value);
  return text.empty() ? out : out + " (" + std::string(text) + ")";
}

/// Of UTF-8: not the first byte of a character.
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string shown(const json::Value& value) {
  const std::string* plain = value.as_string();
  std::string text = plain == nullptr ? json::write(value) : *plain;
  if (text.size() > kShown) {
    std::size_t end = kShown / 2;
    while (end > 0 && is_continuation(text[end])) --end;
    text = text.substr(0, end) + "…";
  }
  return quoted(text);
}

std::string sentence(const Change& change, const std::optional<json::Value>& current) {
  switch (change.kind) {
    case Change::Kind::register_value:
      return quoted(change.reference) + " is not registered; " + claim_of(change) + " is " +
             shown(change.seen) + ", so it would have to be " + shown(change.proposed);
    case Change::Kind::add_to_list:
      return not_in_list(change, current);
    case Change::Kind::replace_value:
      return quoted(change.reference) + " is " + shown_or_nothing(current) + ", but " +
             claim_of(change) + " is " + shown(change.seen);
    case Change::Kind::make_list:
      return quoted(change.reference) + " is the single value " + shown_or_nothing(current) +
             ", but the policy looks for " + claim_of(change) + " in a list: register " +
             shown(change.proposed);
    case Change::Kind::make_single:
      return quoted(change.reference) + " is " + shown_or_nothing(current) +
             ", but the policy compares " + claim_of(change) + " with a single value: register " +
             shown(change.proposed);
    case Change::Kind::claim_value:
      return claim_of(change) + " is " + shown(change.seen) + "; the policy itself wants " +
             shown(change.proposed);
    case Change::Kind::claim_absent:
      return claim_of(change) + " is there; the policy itself wants it not to be";
  }
  return {};
}

std::string effect(const Remedy& remedy) {
  std::string out;
  for (const appraise::TrustClaim claim : remedy.improves) {
    const auto value = remedy.after.get(claim);
    if (!value.has_value()) continue;
    out += (out.empty() ? "makes " : " and ") + with_value(*value, claim);
  }
  return out;
}

std::string stopped(std::size_t evaluations) {
  return "the search was stopped after " + std::to_string(evaluations) +
         " evaluations; there may be more";
}

std::string vector_text(const appraise::TrustVector& vector) {
  std::string out;
  for (const appraise::TrustClaim claim : appraise::kAllTrustClaims) {
    const auto value = vector.get(claim);
    if (!value.has_value() || *value == 0) continue;
    out += (out.empty() ? "" : ", ") + with_value(*value, claim);
  }
  return out.empty() ? "no claim is made" : out;
}

}  // namespace trustee::decision::internal
