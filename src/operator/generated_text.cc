#include "operator/generated_text.h"

#include <utility>

#include "base/try.h"
#include "operator/bodies.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

json::Object text_body(const GeneratedText& wanted, std::string content, std::string_view hash,
                       const json::Object& owner, const json::Object* stored) {
  auto body = body_of(wanted.config_map);
  if (!hash.empty()) {
    set_at(body, {"metadata", "annotations", kGeneratedAnnotation}, hash);
  }
  own(body, owner, kTrusteeConfig, stored);
  set_at(body, {"data", wanted.key}, std::move(content));
  return body;
}

}  // namespace

bool is_unedited(const json::Object& config_map, std::string_view key) {
  const auto* content = config_entry(config_map, key);
  return content != nullptr &&
         short_hash(*content, 64) == annotation_of(config_map, kGeneratedAnnotation);
}

Result<TextChange> ensure_text(
    const GeneratedText& wanted, const json::Object* stored, const json::Object& owner,
    const std::function<Result<std::string>(const std::string&)>& adjust) {
  const auto hash = short_hash(wanted.content, 64);
  TextChange change;
  if (stored == nullptr) {
    change.create = text_body(wanted, wanted.content, hash, owner, nullptr);
    return change;
  }
  const auto* content = config_entry(*stored, wanted.key);
  if (content == nullptr || *content == wanted.content) {
    return change;
  }
  if (is_unedited(*stored, wanted.key)) {
    change.apply = text_body(wanted, wanted.content, hash, owner, stored);
  } else if (adjust) {
    TRY(auto adjusted, adjust(*content));
    if (adjusted != *content) {
      change.apply = text_body(wanted, std::move(adjusted),
                               annotation_of(*stored, kGeneratedAnnotation), owner, stored);
    }
  }
  return change;
}

}  // namespace trustee::operators
