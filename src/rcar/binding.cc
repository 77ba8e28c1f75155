#include "rcar/binding.h"

#include <algorithm>

#include "base/try.h"

namespace trustee::rcar {

json::Object primary_runtime_data(const TeePubKey& key, std::string_view nonce,
                                  std::string_view additional_evidence) {
  return {
      {"tee-pubkey", to_json(key)}, {"nonce", nonce}, {"additional-evidence", additional_evidence}};
}

json::Object device_runtime_data(const TeePubKey& key, std::string_view nonce) {
  return {{"tee-pubkey", to_json(key)}, {"nonce", nonce}};
}

Result<crypto::Digest> binding_digest(crypto::Hash hash, const json::Value& runtime_data) {
  TRY(const std::string text, json::canonicalise(runtime_data));
  return crypto::digest(hash, as_bytes(text));
}

Result<crypto::Hash> selected_hash(const json::Value& challenge_extra_params) {
  const json::Object* const object = challenge_extra_params.as_object();
  const json::Value* const selected =
      object == nullptr ? nullptr : object->find("selected-hash-algorithm");
  if (selected == nullptr) return kDefaultHash;
  const std::string* const name = selected->as_string();
  if (name == nullptr) {
    return Error(Errc::unexpected_json_data_type,
                 "wanted string, found " + std::string(selected->kind()));
  }
  const std::optional<crypto::Hash> hash = crypto::hash_from_name_any_case(*name);
  if (!hash.has_value()) return Error(Errc::invalid_hash_algorithm, *name);
  return *hash;
}

Result<std::optional<crypto::Hash>> negotiate_hash(const json::Value& request_extra_params,
                                                   crypto::Hash needed) {
  const json::Object* const object = request_extra_params.as_object();
  const json::Value* const list =
      object == nullptr ? nullptr : object->find("supported-hash-algorithms");
  if (list == nullptr) return std::optional<crypto::Hash>();
  const json::Array* const names = list->as_array();
  if (names == nullptr) return Error(Errc::hash_list_malformed, "not an array");
  const auto is_text = [](const json::Value& v) { return v.as_string() != nullptr; };
  if (std::ranges::none_of(*names, is_text)) return Error(Errc::hash_list_malformed, "no name");
  const bool supported = std::ranges::any_of(*names, [needed](const json::Value& v) {
    return v.as_string() != nullptr && crypto::hash_from_name_any_case(*v.as_string()) == needed;
  });
  if (!supported) return Error(Errc::hash_not_supported, std::string(crypto::to_string(needed)));
  return std::optional(needed);
}

json::Value challenge_extra_params(std::optional<crypto::Hash> selected) {
  if (!selected.has_value()) return "";
  return json::Object{{"selected-hash-algorithm", crypto::to_string(*selected)}};
}

Result<std::vector<AdditionalEvidence>> split_additional_evidence(std::string_view text) {
  std::vector<AdditionalEvidence> items;
  if (text.empty()) return items;
  auto document = json::parse(text, json::Duplicates::refuse, {.bytes = kMaxAdditionalEvidence});
  if (!document.ok()) {
    return Error(Errc::additional_evidence_malformed, document.error().to_string());
  }
  json::Object* const object = document->as_object();
  if (object == nullptr) return Error(Errc::additional_evidence_malformed, "not an object");
  if (object->size() > kMaxAdditionalItems) {
    return Error(Errc::additional_evidence_malformed, "too many members");
  }
  for (json::Member& m : *object) {
    const std::optional<Tee> tee = tee_from_name(m.name);
    if (!tee.has_value()) return Error(Errc::unknown_tee, m.name);
    items.push_back({*tee, std::move(m.value)});
  }
  return items;
}

}  // namespace trustee::rcar
