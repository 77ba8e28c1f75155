#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "operator/snapshot.h"

// Bodies for server-side apply and for creation.

namespace trustee::operators {

/// `apiVersion`, `kind` and `metadata` with name and namespace.
json::Object body_of(const ObjectRef& ref);
/// The reference that makes `owner` the controller of another object.
json::Object controller_reference(const json::Object& owner, std::string_view kind);
/// Adds the controller reference to `body`, unless `stored`, what exists under its name, has a
/// controller already or existed before without one: foreign objects are not adopted. What was of
/// an object that had the owner's kind and name before it is taken over.
void own(json::Object& body, const json::Object& owner, std::string_view kind,
         const json::Object* stored);

/// `name` as the value of a label, which has 63 characters at most: a longer one is cut and keeps a
/// hash of the whole.
std::string label_value(std::string_view name);
/// The four labels of generated Secrets. Source: operator specification, section 2.
json::Object standard_labels(std::string_view instance, std::string_view component);
/// Whether `stored` has these labels with these values.
bool has_labels(const json::Object& stored, const json::Object& labels);

/// The first `digits` (at most 64) characters of the SHA-256 in lower-case hex.
std::string short_hash(std::string_view text, std::size_t digits);

}  // namespace trustee::operators
