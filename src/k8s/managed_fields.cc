#include "k8s/managed_fields.h"

#include <algorithm>
#include <string>
#include <utility>

#include "k8s/resource.h"

namespace trustee::k8s {
namespace {

bool is_former(const json::Object& entry, std::span<const std::string_view> former) {
  return text_member(entry, "operation") == "Update" && text_member(entry, "subresource").empty() &&
         std::find(former.begin(), former.end(), text_member(entry, "manager")) != former.end();
}

bool is_own(const json::Object& entry, std::string_view own, std::string_view version) {
  return text_member(entry, "operation") == "Apply" && text_member(entry, "subresource").empty() &&
         text_member(entry, "manager") == own && text_member(entry, "apiVersion") == version;
}

/// The union of two field sets, each an object whose members are fields.
void unite(json::Object& into, const json::Object& from) {
  for (const json::Member& field : from) {
    json::Value* there = into.find(field.name);
    if (there == nullptr) {
      into.append(field.name, field.value);
    } else if (there->as_object() != nullptr && field.value.as_object() != nullptr) {
      unite(*there->as_object(), *field.value.as_object());
    }
  }
}

void add_fields(json::Object& into, const json::Object& from) {
  const json::Value* fields = from.find("fieldsV1");
  json::Value* there = into.find("fieldsV1");
  if (fields == nullptr || fields->as_object() == nullptr) return;
  if (there == nullptr || there->as_object() == nullptr) {
    into.set("fieldsV1", *fields);
  } else {
    unite(*there->as_object(), *fields->as_object());
  }
}

/// Gives `entry` to `own`: into its entry of the same version, or as a new one.
void adopt(json::Array& entries, json::Object entry, std::string_view own) {
  const std::string version(text_member(entry, "apiVersion"));
  for (json::Value& value : entries) {
    json::Object* there = value.as_object();
    if (there == nullptr || !is_own(*there, own, version)) continue;
    add_fields(*there, entry);
    return;
  }
  entry.set("manager", own);
  entry.set("operation", "Apply");
  entries.emplace_back(std::move(entry));
}

}  // namespace

std::optional<json::Array> adoption_patch(const json::Object& object,
                                          std::span<const std::string_view> former,
                                          std::string_view own) {
  const json::Value* metadata = object.find("metadata");
  const json::Value* fields =
      metadata == nullptr ? nullptr : metadata->at_pointer("/managedFields");
  const json::Array* before = fields == nullptr ? nullptr : fields->as_array();
  if (before == nullptr) return std::nullopt;
  json::Array after;
  json::Array adopted;
  for (const json::Value& entry : *before) {
    const bool takes = entry.as_object() != nullptr && is_former(*entry.as_object(), former);
    (takes ? adopted : after).push_back(entry);
  }
  if (adopted.empty()) return std::nullopt;
  for (json::Value& entry : adopted) {
    adopt(after, std::move(*entry.as_object()), own);
  }
  return json::Array{
      json::Object{{"op", "test"},
                   {"path", "/metadata/resourceVersion"},
                   {"value", metadata_text(object, "resourceVersion")}},
      json::Object{
          {"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(after)}}};
}

}  // namespace trustee::k8s
