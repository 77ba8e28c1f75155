#include "jose/jwk_set.h"

#include <iterator>

namespace trustee::jose {

Result<JwkSet> JwkSet::parse(std::string_view text) {
  if (text.size() > kMaxJwkSetText) return Errc::jwk_set_too_large;
  auto document = json::parse(text, json::Duplicates::refuse,
                              {.bytes = kMaxJwkSetText, .depth = 32, .values = 1U << 16U});
  if (!document.ok()) return Error(Errc::jwk_set_malformed, document.error().to_string());
  const json::Object* const object = document->as_object();
  const json::Value* const keys = object == nullptr ? nullptr : object->find("keys");
  const json::Array* const array = keys == nullptr ? nullptr : keys->as_array();
  if (array == nullptr) return Error(Errc::jwk_set_malformed, "no array named keys");
  if (array->size() > kMaxJwkSetKeys) return Errc::jwk_set_too_large;
  JwkSet set;
  for (const json::Value& entry : *array) {
    auto jwk = parse_jwk(entry);
    if (jwk.ok()) {
      set.keys_.push_back(std::move(jwk).value());
    } else {
      set.skipped_.push_back(std::move(jwk).error());
    }
  }
  return set;
}

const Jwk* JwkSet::find(std::string_view kid) const {
  for (const Jwk& jwk : keys_) {
    if (jwk.kid.has_value() && *jwk.kid == kid) return &jwk;
  }
  return nullptr;
}

void JwkSet::append(JwkSet other) {
  std::move(other.keys_.begin(), other.keys_.end(), std::back_inserter(keys_));
  std::move(other.skipped_.begin(), other.skipped_.end(), std::back_inserter(skipped_));
}

}  // namespace trustee::jose
