#include "operator/applied.h"

#include <algorithm>
#include <array>

#include "operator/bodies.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

// The keys under which the API server merges lists of objects, the more telling first: volume
// mounts have a name that is not unique among them.
constexpr std::array<std::string_view, 5> kMergeKeys = {"uid", "mountPath", "containerPort", "port",
                                                        "name"};

bool holds(const json::Value& stored, const json::Value& wanted);

const json::Value* merge_key_of(const json::Value& element, std::string_view key) {
  const auto* object = element.as_object();
  return object == nullptr ? nullptr : object->find(key);
}

bool holds_by_key(const json::Array& stored, const json::Array& wanted, std::string_view key) {
  return std::ranges::all_of(wanted, [&](const json::Value& element) {
    const auto* name = merge_key_of(element, key);
    return std::ranges::any_of(stored, [&](const json::Value& other) {
      const auto* other_name = merge_key_of(other, key);
      return other_name != nullptr && *other_name == *name && holds(other, element);
    });
  });
}

bool holds_array(const json::Array& stored, const json::Array& wanted) {
  for (const auto key : kMergeKeys) {
    const bool keyed =
        !wanted.empty() && std::ranges::all_of(wanted, [key](const json::Value& element) {
          return merge_key_of(element, key) != nullptr;
        });
    if (keyed) {
      return holds_by_key(stored, wanted, key);
    }
  }
  return std::ranges::equal(stored, wanted, holds);
}

bool holds_object(const json::Object& stored, const json::Object& wanted) {
  return std::ranges::all_of(wanted, [&stored](const json::Member& member) {
    const auto* value = stored.find(member.name);
    return value != nullptr && holds(*value, member.value);
  });
}

bool holds(const json::Value& stored, const json::Value& wanted) {
  if (stored.as_object() != nullptr && wanted.as_object() != nullptr) {
    return holds_object(*stored.as_object(), *wanted.as_object());
  }
  if (stored.as_array() != nullptr && wanted.as_array() != nullptr) {
    return holds_array(*stored.as_array(), *wanted.as_array());
  }
  return stored == wanted;
}

}  // namespace

void stamp_intent(json::Object& body) {
  const auto hash = short_hash(json::write_sorted(json::Value(body)), 64);
  set_at(body, {"metadata", "annotations", kIntentAnnotation}, hash);
}

bool already_applied(const json::Object& body, const json::Object& stored) {
  return annotation_of(body, kIntentAnnotation) == annotation_of(stored, kIntentAnnotation) &&
         holds_object(stored, body);
}

}  // namespace trustee::operators
