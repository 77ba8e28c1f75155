#include <algorithm>
#include <charconv>
#include <type_traits>

#include "codec/internal/sorted_members.h"
#include "codec/json.h"

namespace trustee::json {

std::vector<const Member*> internal::sorted_members(const Object& object) {
  std::vector<const Member*> out;
  out.reserve(object.size());
  for (const Member& m : object) {
    out.push_back(&m);
  }
  std::sort(out.begin(), out.end(), [](const Member* a, const Member* b) {
    const int order = a->name.compare(b->name);
    return order != 0 ? order < 0 : a < b;
  });
  return out;
}

static_assert(std::is_nothrow_move_constructible_v<Value>);

Object::Object(std::initializer_list<Member> members) : members_(members) {}

const Value* Object::find(std::string_view key) const {
  for (const Member& m : members_) {
    if (m.name == key) return &m.value;
  }
  return nullptr;
}

Value* Object::find(std::string_view key) {
  for (Member& m : members_) {
    if (m.name == key) return &m.value;
  }
  return nullptr;
}

void Object::set(std::string_view key, Value value) {
  if (Value* there = find(key); there != nullptr) {
    *there = std::move(value);
  } else {
    members_.push_back({std::string(key), std::move(value)});
  }
}

void Object::append(std::string key, Value value) {
  members_.push_back({std::move(key), std::move(value)});
}

std::optional<Value> Object::remove(std::string_view key) {
  for (auto it = members_.begin(); it != members_.end(); ++it) {
    if (it->name != key) continue;
    Value out = std::move(it->value);
    members_.erase(it);
    return out;
  }
  return std::nullopt;
}

namespace {

void sort_deep_value(Value& value) {
  if (Object* object = value.as_object(); object != nullptr) {
    object->sort_deep();
  } else if (Array* array = value.as_array(); array != nullptr) {
    for (Value& v : *array) {
      sort_deep_value(v);
    }
  }
}

bool same_members(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  const auto left = internal::sorted_members(a);
  const auto right = internal::sorted_members(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i]->name != right[i]->name || !(left[i]->value == right[i]->value)) return false;
  }
  return true;
}

/// One reference token of a JSON pointer with `~1` and `~0` undone; nothing for a lone `~`.
std::optional<std::string> unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out += token[i];
      continue;
    }
    ++i;
    if (i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
    out += token[i] == '0' ? '~' : '/';
  }
  return out;
}

const Value* element(const Array& array, std::string_view token) {
  if (token.size() > 1 && token.front() == '0') return nullptr;
  std::size_t index = 0;
  const char* end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end || index >= array.size()) return nullptr;
  return &array[index];
}

}  // namespace

void Object::sort_deep() {
  std::sort(members_.begin(), members_.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  for (Member& m : members_) {
    sort_deep_value(m.value);
  }
}

std::string_view Value::kind() const {
  constexpr std::string_view kNames[] = {"null", "boolean", "number", "string", "array", "object"};
  return kNames[v_.index()];
}

const Value* Value::at_pointer(std::string_view pointer) const {
  const Value* at = this;
  while (!pointer.empty() && at != nullptr) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    const auto token = unescaped(raw);
    if (!token.has_value()) return nullptr;
    if (const Object* object = at->as_object(); object != nullptr) {
      at = object->find(*token);
    } else if (const Array* array = at->as_array(); array != nullptr) {
      at = element(*array, *token);
    } else {
      return nullptr;
    }
  }
  return at;
}

bool operator==(const Value& a, const Value& b) {
  if (a.v_.index() != b.v_.index()) return false;
  if (const Object* object = a.as_object(); object != nullptr) {
    return same_members(*object, *b.as_object());
  }
  if (const Array* array = a.as_array(); array != nullptr) return *array == *b.as_array();
  if (const std::string* s = a.as_string(); s != nullptr) return *s == *b.as_string();
  if (const Number* n = a.as_number(); n != nullptr) return *n == *b.as_number();
  if (const bool* truth = a.as_bool(); truth != nullptr) return *truth == *b.as_bool();
  return true;
}

}  // namespace trustee::json
