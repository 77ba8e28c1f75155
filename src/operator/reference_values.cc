#include "operator/reference_values.h"

#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "operator/errors.h"
#include "operator/names.h"
#include "reference/record.h"

namespace trustee::operators {
namespace {

struct Found {
  std::map<std::string, std::string, std::less<>> entries;
  std::vector<std::string> problems;

  void leave_out(std::string_view key, std::string_view entry, std::string_view why) {
    problems.push_back(std::string(key) + ": entry `" + std::string(entry) + "` " +
                       std::string(why));
  }
};

Error malformed(std::string_view key, std::string_view why) {
  return {Errc::reference_values_malformed, std::string(key) + " " + std::string(why)};
}

Result<json::Value> read(std::string_view key, const std::string& text) {
  auto value = json::parse(text, json::Duplicates::refuse);
  if (!value.ok()) {
    return malformed(key, "is not JSON: " + value.error().detail());
  }
  return value;
}

bool is_record(const std::string& encoded) {
  const auto bytes = codec::base64url_padded_decode(encoded);
  return bytes.ok() && reference::parse_record(as_text(*bytes)).ok();
}

Result<void> add_object(Found& found, const std::string& text) {
  TRY(const auto value, read(kReferenceValuesKey, text));
  const auto* object = value.as_object();
  if (object == nullptr) {
    return malformed(kReferenceValuesKey, "is no JSON object");
  }
  for (const auto& member : *object) {
    const auto* encoded = member.value.as_string();
    if (encoded == nullptr) {
      found.leave_out(kReferenceValuesKey, member.name, "is no text");
    } else if (!is_record(*encoded)) {
      found.leave_out(kReferenceValuesKey, member.name, "is no base64url of a reference value");
    } else {
      found.entries.insert_or_assign(member.name, *encoded);
    }
  }
  return {};
}

void add_element(Found& found, const json::Value& element, std::size_t index) {
  const auto place = std::to_string(index);
  const auto* object = element.as_object();
  const auto* name = object == nullptr ? nullptr : object->find("name");
  if (name == nullptr || name->as_string() == nullptr || name->as_string()->empty()) {
    found.leave_out(kOldReferenceValuesKey, place, "has no name");
    return;
  }
  const auto record = reference::parse_record(json::write(element));
  if (!record.ok()) {
    found.leave_out(kOldReferenceValuesKey, *name->as_string(),
                    "needs name, expiration (2027-01-01T00:00:00Z) and value");
    return;
  }
  const auto text = reference::write_record(*record);
  found.entries.insert_or_assign(record->name, codec::base64url_padded_encode(as_bytes(text)));
}

Result<void> add_array(Found& found, const std::string& text) {
  TRY(const auto value, read(kOldReferenceValuesKey, text));
  const auto* array = value.as_array();
  if (array == nullptr) {
    return malformed(kOldReferenceValuesKey, "is no JSON array");
  }
  std::size_t index = 0;
  for (const auto& element : *array) {
    add_element(found, element, index++);
  }
  return {};
}

}  // namespace

Result<UnitedReferenceValues> unite_reference_values(const std::string* object_text,
                                                     const std::string* array_text) {
  Found found;
  if (object_text != nullptr) {
    TRY_VOID(add_object(found, *object_text));
  }
  if (array_text != nullptr) {
    TRY_VOID(add_array(found, *array_text));
  }
  json::Object object;
  for (auto& [name, encoded] : found.entries) {
    object.append(name, std::move(encoded));
  }
  return UnitedReferenceValues{json::write(json::Value(std::move(object))),
                               std::move(found.problems)};
}

}  // namespace trustee::operators
