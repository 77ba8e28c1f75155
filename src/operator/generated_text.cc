#include "operator/generated_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/try.h"
#include "operator/bodies.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

/// SHA-256 of texts that released operators generated and did not remember. Only what the
/// specification has to the byte: a guess would take a user's text for ours.
constexpr std::array<std::string_view, 1> kReleasedTexts = {
    // sgx_default_qcnl.conf up to v0.19.0: operator specification, C6
    "7f22d71eefaba03c06b6b324c6e5723de3430e832b2908d3b1769e201caba91f"};

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
  if (content == nullptr) {
    return false;
  }
  const auto hash = short_hash(*content, 64);
  const auto remembered = annotation_of(config_map, kGeneratedAnnotation);
  return remembered.empty() ? std::ranges::find(kReleasedTexts, hash) != kReleasedTexts.end()
                            : remembered == hash;
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
  if (content == nullptr) {
    return change;
  }
  if (*content == wanted.content) {
    if (annotation_of(*stored, kGeneratedAnnotation).empty() &&
        is_controlled_by(*stored, uid_of(owner))) {
      change.apply = text_body(wanted, wanted.content, hash, owner, stored);
    }
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
