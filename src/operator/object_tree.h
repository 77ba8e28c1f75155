#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

// Reading trees as the API server returns them. What is missing and what has another type than the
// schema says are the same: the API server would not have stored the latter.

namespace trustee::operators {

using Path = std::initializer_list<std::string_view>;

/// The value below the member names of `path`, or null.
const json::Value* value_at(const json::Object& object, Path path);
const json::Object* object_at(const json::Object& object, Path path);
const json::Array* array_at(const json::Object& object, Path path);
std::string text_at(const json::Object& object, Path path);  ///< empty when missing
std::optional<bool> bool_at(const json::Object& object, Path path);
std::optional<std::int64_t> integer_at(const json::Object& object, Path path);
/// The texts of an array, others left out.
std::vector<std::string> texts_at(const json::Object& object, Path path);

std::string name_of(const json::Object& object);
std::string namespace_of(const json::Object& object);
std::string uid_of(const json::Object& object);
bool is_deleting(const json::Object& object);
/// The value of a metadata annotation, or empty.
std::string annotation_of(const json::Object& object, std::string_view name);
/// The owner reference that is the object's controller, or null.
const json::Object* controller_of(const json::Object& object);
/// Whether the object's controller is the one with this uid.
bool is_controlled_by(const json::Object& object, std::string_view uid);
/// Whether it has a controller at all.
bool has_controller(const json::Object& object);

/// One entry of a ConfigMap's `data`; null when missing.
const std::string* config_entry(const json::Object& config_map, std::string_view key);
/// One entry of a Secret's `data`, decoded. Errors: secret_key_missing, secret_data_malformed.
Result<std::string> secret_entry(const json::Object& secret, std::string_view key);

/// Sets `object[a][b]… = value`, making the objects between.
void set_at(json::Object& object, Path path, json::Value value);

}  // namespace trustee::operators
