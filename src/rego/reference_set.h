#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct trustee_refs;

namespace trustee::rego {

/// A reference value by its name, as JSON text. Lifetime: borrowed.
struct NamedJson {
  std::string_view name;  ///< UTF-8
  std::string_view json;  ///< one value of any type
};

/// Reference values, parsed and ready for evaluation. Immutable; copies share; safe from many
/// threads. A set made from another shares with it all that is the same.
class ReferenceSet {
 public:
  ReferenceSet() = default;  ///< empty
  /// The last of equal names wins. Errors: json_invalid (the detail names the value),
  /// argument_invalid (a name that is not UTF-8).
  static Result<ReferenceSet> create(std::span<const NamedJson> values);

  /// This set with `values` added or replaced. Errors: as create. Cost: O(log n) for each.
  Result<ReferenceSet> with(std::span<const NamedJson> values) const;
  /// This set without `names`; absent ones do not matter. Errors: argument_invalid.
  Result<ReferenceSet> without(std::span<const std::string_view> names) const;

  std::size_t size() const;  ///< how many names have a value
  /// The value as compact JSON, or nothing. Errors: argument_invalid.
  Result<std::optional<std::string>> get(std::string_view name) const;

  /// For Policy. Lifetime: this set. Null when empty.
  const trustee_refs* handle() const { return refs_.get(); }

 private:
  explicit ReferenceSet(trustee_refs* refs);
  std::shared_ptr<const trustee_refs> refs_;
};

}  // namespace trustee::rego
