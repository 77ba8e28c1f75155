#include <string>

#include "base/try.h"
#include "codec/json.h"

namespace trustee::json {
namespace {

using codec::Errc;

Error wrong_type(std::string_view name, std::string_view wanted, const Value& seen) {
  return Error(Errc::json_wrong_type, std::string(name) + " is " + std::string(seen.kind()) +
                                          ", not " + std::string(wanted));
}

}  // namespace

Result<const Object*> object_of(const Value& value, std::string_view what) {
  if (const Object* object = value.as_object(); object != nullptr) return object;
  return wrong_type(what, "object", value);
}

Result<const Value*> member(const Object& object, std::string_view name) {
  if (const Value* value = object.find(name); value != nullptr) return value;
  return Error(Errc::json_missing_member, std::string(name) + " is missing");
}

Result<const std::string*> string_member(const Object& object, std::string_view name) {
  TRY(const Value* value, member(object, name));
  if (const std::string* s = value->as_string(); s != nullptr) return s;
  return wrong_type(name, "string", *value);
}

Result<std::uint64_t> u64_member(const Object& object, std::string_view name) {
  TRY(const Value* value, member(object, name));
  const Number* number = value->as_number();
  if (number == nullptr) return wrong_type(name, "number", *value);
  if (const auto n = number->as_u64(); n.has_value()) return *n;
  return Error(Errc::json_wrong_type, std::string(name) + " is no unsigned 64-bit integer");
}

Result<std::int64_t> i64_member(const Object& object, std::string_view name) {
  TRY(const Value* value, member(object, name));
  const Number* number = value->as_number();
  if (number == nullptr) return wrong_type(name, "number", *value);
  if (const auto n = number->as_i64(); n.has_value()) return *n;
  return Error(Errc::json_wrong_type, std::string(name) + " is no signed 64-bit integer");
}

Result<bool> bool_member(const Object& object, std::string_view name) {
  TRY(const Value* value, member(object, name));
  if (const bool* truth = value->as_bool(); truth != nullptr) return *truth;
  return wrong_type(name, "boolean", *value);
}

Result<const Object*> object_member(const Object& object, std::string_view name) {
  TRY(const Value* value, member(object, name));
  return object_of(*value, name);
}

Result<const Array*> array_member(const Object& object, std::string_view name) {
  TRY(const Value* value, member(object, name));
  if (const Array* array = value->as_array(); array != nullptr) return array;
  return wrong_type(name, "array", *value);
}

}  // namespace trustee::json
