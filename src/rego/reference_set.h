#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rego/errors.h"

struct trustee_refs;

namespace trustee::rego {

/// A name and one JSON value. Views; the caller keeps the texts for the call.
struct NamedJson {
  std::string_view name;
  std::string_view json;
};

/// Reference values prepared for evaluation: a persistent map, so that a set with one value more
/// shares everything else with the old one. Immutable; copies are cheap; safe from many threads.
class ReferenceSet {
 public:
  /// The empty set.
  ReferenceSet() = default;
  /// The last of equal names wins. Errors: input_invalid. Cost: each value is parsed once.
  static Result<ReferenceSet> create(std::span<const NamedJson> items);
  /// This set with `items` added or replaced. Cost: O(log n) each.
  Result<ReferenceSet> with(std::span<const NamedJson> items) const;
  /// This set without `names`; absent names are no error.
  Result<ReferenceSet> without(std::span<const std::string_view> names) const;
  std::size_t size() const;
  /// The value as compact JSON, or nothing.
  Result<std::optional<std::string>> get(std::string_view name) const;

  const trustee_refs* native() const { return handle_.get(); }

 private:
  explicit ReferenceSet(trustee_refs* handle);
  std::shared_ptr<const trustee_refs> handle_;
};

}  // namespace trustee::rego
