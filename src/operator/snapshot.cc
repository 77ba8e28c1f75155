#include "operator/snapshot.h"

#include <utility>

namespace trustee::operators {
namespace {

std::string text_at(const json::Object& object, std::string_view name) {
  const auto* metadata = object.find("metadata");
  const auto* members = metadata == nullptr ? nullptr : metadata->as_object();
  const auto* value = members == nullptr ? nullptr : members->find(name);
  const auto* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

}  // namespace

void Snapshot::put(std::string_view kind, SharedObject object) {
  ObjectRef place{std::string(kind), text_at(*object, "namespace"), text_at(*object, "name")};
  objects_.insert_or_assign(std::move(place), std::move(object));
}

void Snapshot::put(std::string_view kind, json::Object object) {
  put(kind, std::make_shared<const json::Object>(std::move(object)));
}

void Snapshot::erase(const ObjectRef& ref) { objects_.erase(ref); }

const json::Object* Snapshot::find(std::string_view kind, std::string_view ns,
                                   std::string_view name) const {
  const auto it = objects_.find({std::string(kind), std::string(ns), std::string(name)});
  return it == objects_.end() ? nullptr : it->second.get();
}

std::vector<const json::Object*> Snapshot::list(std::string_view kind, std::string_view ns) const {
  std::vector<const json::Object*> found;
  for (auto it = objects_.lower_bound({std::string(kind), std::string(ns), {}});
       it != objects_.end() && it->first.kind == kind; ++it) {
    if (!ns.empty() && it->first.ns != ns) {
      break;
    }
    found.push_back(it->second.get());
  }
  return found;
}

}  // namespace trustee::operators
