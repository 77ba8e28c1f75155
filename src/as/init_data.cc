#include "as/init_data.h"

#include <array>
#include <optional>
#include <utility>

#include "as/errors.h"
#include "base/try.h"
#include "toml/errors.h"
#include "toml/toml.h"

namespace trustee::as {

namespace {

constexpr std::array<std::string_view, 2> kTomlEntries{"aa.toml", "cdh.toml"};
constexpr std::string_view kPolicyEntry = "policy.rego";
constexpr std::string_view kPolicyData = "policy_data := {";
constexpr std::string_view kPolicyClaims = "agent_policy_claims";

Error malformed(std::string detail) { return Error(Errc::init_data_malformed, std::move(detail)); }

/// Members sorted; dates, times and numbers that are not finite as in the released system.
Result<json::Object> read_toml(std::string_view text) {
  auto table =
      toml::parse(text, toml::Foreign::serde, {.bytes = kMaxInitData, .depth = kMaxTomlDepth});
  if (table.ok()) return table;
  if (table.error().is(toml::Errc::too_large)) return Errc::init_data_too_large;
  return malformed(table.error().to_string());
}

Result<InitDataDocument> document_of(const json::Object& table) {
  TRY(const std::string* version, json::string_member(table, "version"));
  TRY(const std::string* algorithm, json::string_member(table, "algorithm"));
  TRY(const json::Object* data, json::object_member(table, "data"));
  const auto hash = crypto::hash_from_name(*algorithm);
  if (!hash.has_value()) return malformed("algorithm `" + algorithm->substr(0, 32) + "`");
  for (const json::Member& member : *data) {
    if (member.value.as_string() == nullptr) {
      return malformed("`data." + member.name + "` is not a text");
    }
  }
  return InitDataDocument{*version, *hash, *data};
}

/// The data at the end of a kata agent policy, or nothing: everything from the brace of the first
/// `policy_data := {` to the end must be one JSON object.
std::optional<json::Value> policy_data_of(std::string_view policy) {
  const std::size_t at = policy.find(kPolicyData);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t line = policy.substr(0, at).find_last_of('\n');
  const std::size_t start = line == std::string_view::npos ? 0 : line + 1;
  if (policy.substr(start, at - start).find_first_not_of(" \t") != std::string_view::npos) {
    return std::nullopt;  // inside a comment or another rule: not what the agent enforces
  }
  auto data = json::parse(policy.substr(at + kPolicyData.size() - 1), json::Duplicates::last_wins);
  if (!data.ok()) return std::nullopt;
  return std::move(*data);
}

}  // namespace

Result<InitDataDocument> parse_init_data(std::string_view text) {
  TRY(const json::Object table, read_toml(text));
  auto document = document_of(table);
  if (!document.ok() && !document.error().is(Errc::init_data_malformed)) {
    return malformed(document.error().to_string());
  }
  return document;
}

json::Object claims_of_init_data(InitDataDocument document) {
  json::Object out = std::move(document.data);
  for (const std::string_view name : kTomlEntries) {
    json::Value* entry = out.find(name);
    if (entry == nullptr) continue;
    auto table = read_toml(*entry->as_string());
    if (table.ok()) *entry = std::move(*table);
  }
  if (const json::Value* policy = out.find(kPolicyEntry); policy != nullptr) {
    if (auto data = policy_data_of(*policy->as_string()); data.has_value()) {
      (void)out.remove(kPolicyEntry);
      out.set(kPolicyClaims, std::move(*data));
    }
  }
  out.sort_deep();
  return out;
}

}  // namespace trustee::as
