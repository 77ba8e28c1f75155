#include "operator/object_tree.h"

#include <algorithm>
#include <utility>

#include "codec/base64.h"
#include "operator/errors.h"

namespace trustee::operators {

const json::Value* value_at(const json::Object& object, Path path) {
  const json::Object* here = &object;
  const json::Value* found = nullptr;
  for (const auto name : path) {
    if (here == nullptr) {
      return nullptr;
    }
    found = here->find(name);
    if (found == nullptr) {
      return nullptr;
    }
    here = found->as_object();
  }
  return found;
}

const json::Object* object_at(const json::Object& object, Path path) {
  const auto* value = value_at(object, path);
  return value == nullptr ? nullptr : value->as_object();
}

const json::Array* array_at(const json::Object& object, Path path) {
  const auto* value = value_at(object, path);
  return value == nullptr ? nullptr : value->as_array();
}

std::string text_at(const json::Object& object, Path path) {
  const auto* value = value_at(object, path);
  const auto* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

std::optional<bool> bool_at(const json::Object& object, Path path) {
  const auto* value = value_at(object, path);
  const auto* flag = value == nullptr ? nullptr : value->as_bool();
  return flag == nullptr ? std::nullopt : std::optional(*flag);
}

std::optional<std::int64_t> integer_at(const json::Object& object, Path path) {
  const auto* value = value_at(object, path);
  const auto* number = value == nullptr ? nullptr : value->as_number();
  return number == nullptr ? std::nullopt : number->as_i64();
}

std::vector<std::string> texts_at(const json::Object& object, Path path) {
  std::vector<std::string> texts;
  if (const auto* array = array_at(object, path); array != nullptr) {
    for (const auto& element : *array) {
      if (const auto* text = element.as_string(); text != nullptr) {
        texts.push_back(*text);
      }
    }
  }
  return texts;
}

std::string name_of(const json::Object& object) { return text_at(object, {"metadata", "name"}); }
std::string namespace_of(const json::Object& object) {
  return text_at(object, {"metadata", "namespace"});
}
std::string uid_of(const json::Object& object) { return text_at(object, {"metadata", "uid"}); }
bool is_deleting(const json::Object& object) {
  return !text_at(object, {"metadata", "deletionTimestamp"}).empty();
}
std::string annotation_of(const json::Object& object, std::string_view name) {
  return text_at(object, {"metadata", "annotations", name});
}

const json::Object* controller_of(const json::Object& object) {
  const auto* owners = array_at(object, {"metadata", "ownerReferences"});
  if (owners == nullptr) {
    return nullptr;
  }
  for (const auto& owner : *owners) {
    const auto* reference = owner.as_object();
    if (reference != nullptr && bool_at(*reference, {"controller"}).value_or(false)) {
      return reference;
    }
  }
  return nullptr;
}

bool is_controlled_by(const json::Object& object, std::string_view uid) {
  const auto* controller = controller_of(object);
  return controller != nullptr && !uid.empty() && text_at(*controller, {"uid"}) == uid;
}

bool has_controller(const json::Object& object) { return controller_of(object) != nullptr; }

const std::string* config_entry(const json::Object& config_map, std::string_view key) {
  const auto* value = value_at(config_map, {"data", key});
  return value == nullptr ? nullptr : value->as_string();
}

Result<std::string> secret_entry(const json::Object& secret, std::string_view key) {
  const auto* value = value_at(secret, {"data", key});
  const auto* text = value == nullptr ? nullptr : value->as_string();
  if (text == nullptr) {
    return Error(Errc::secret_key_missing, std::string(key));
  }
  auto bytes = codec::base64_decode(*text);
  if (!bytes.ok()) {
    return Error(Errc::secret_data_malformed, std::string(key));
  }
  return std::string(bytes->begin(), bytes->end());
}

void set_at(json::Object& object, Path path, json::Value value) {
  json::Object* here = &object;
  for (const auto* name = path.begin(); name != path.end(); ++name) {
    if (name + 1 == path.end()) {
      here->set(*name, std::move(value));
      return;
    }
    if (here->find(*name) == nullptr || here->find(*name)->as_object() == nullptr) {
      here->set(*name, json::Object());
    }
    here = here->find(*name)->as_object();
  }
}

}  // namespace trustee::operators
