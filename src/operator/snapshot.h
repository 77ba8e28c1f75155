#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "codec/json.h"

namespace trustee::operators {

/// Names one object. `kind` as Kubernetes spells it (`ConfigMap`); `ns` is empty for what is not
/// in a namespace.
struct ObjectRef {
  std::string kind;
  std::string ns;
  std::string name;
  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
};

using SharedObject = std::shared_ptr<const json::Object>;

/// What exists, as the API server returned it: immutable trees shared with whoever gathered them.
/// What is not here does not exist. Copies are shallow.
class Snapshot {
 public:
  /// Adds or replaces an object; its place is `kind` and the names in its metadata.
  void put(std::string_view kind, SharedObject object);
  void put(std::string_view kind, json::Object object);
  void erase(const ObjectRef& ref);

  /// Lifetime: as long as any snapshot or cache holds the object. Null: missing.
  const json::Object* find(std::string_view kind, std::string_view ns, std::string_view name) const;
  /// All of a kind in a namespace by name; with an empty `ns` those of every namespace.
  std::vector<const json::Object*> list(std::string_view kind, std::string_view ns) const;

 private:
  std::map<ObjectRef, SharedObject> objects_;
};

}  // namespace trustee::operators
