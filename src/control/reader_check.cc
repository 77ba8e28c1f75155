#include "control/reader_check.h"

#include <utility>

#include "base/secret.h"
#include "base/try.h"
#include "operator/object_tree.h"

namespace trustee::control {
namespace {

/// `status.<member>` is true.
bool says_yes(const json::Object& review, std::string_view member) {
  return operators::bool_at(review, {"status", member}).value_or(false);
}

json::Object review_of(const k8s::Resource& resource, json::Object spec) {
  return {
      {"apiVersion", resource.api_version()}, {"kind", resource.kind}, {"spec", std::move(spec)}};
}

/// The reviewed user, as the access review takes it.
json::Object subject_of(const json::Object& review) {
  json::Object out{{"nonResourceAttributes", json::Object{{"path", "/metrics"}, {"verb", "get"}}}};
  const json::Object* fields = operators::object_at(review, {"status", "user"});
  if (fields == nullptr) return out;
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"username", "user"}, {"uid", "uid"}, {"groups", "groups"}, {"extra", "extra"}};
  for (const auto& [there, here] : kNames) {
    if (const json::Value* value = fields->find(there); value != nullptr) out.set(here, *value);
  }
  return out;
}

}  // namespace

Result<ReaderCheck> check_reader(k8s::Client& client, std::string_view authorization) {
  constexpr std::string_view kBearer = "Bearer ";
  if (!authorization.starts_with(kBearer)) return ReaderCheck::unknown;
  const std::string_view token = authorization.substr(kBearer.size());
  if (token.empty()) return ReaderCheck::unknown;
  json::Object review = review_of(k8s::kTokenReviews, {{"token", token}});
  auto answered = client.create(k8s::kTokenReviews, review, {});
  std::string& sent = *review.find("spec")->as_object()->find("token")->as_string();
  wipe(sent.data(), sent.size());
  TRY(const json::Object known, std::move(answered));
  if (!says_yes(known, "authenticated")) return ReaderCheck::unknown;
  TRY(const json::Object access,
      client.create(k8s::kAccessReviews, review_of(k8s::kAccessReviews, subject_of(known)), {}));
  return says_yes(access, "allowed") ? ReaderCheck::allowed : ReaderCheck::refused;
}

}  // namespace trustee::control
