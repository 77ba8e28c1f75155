#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace trustee::operators {

/// The reference values of a ConfigMap in one form.
struct UnitedReferenceValues {
  /// As the store `LocalJson` keeps them: an object of name -> base64url of the record, by name.
  std::string text = "{}";
  /// One sentence for each entry left out, and why.
  std::vector<std::string> problems;
};

/// Unites both forms that documents use: `reference_value`, an object of base64url records, and
/// `reference-values.json`, an array of `{name, expiration, value}`, whose entries win. Null: the
/// ConfigMap has no such key. An entry that cannot be read is left out and told.
/// Errors  reference_values_malformed: one of the texts is not JSON or not of its shape at all.
/// Source  operator specification, C8; OP-77, OP-78.   Cost: linear.
Result<UnitedReferenceValues> unite_reference_values(const std::string* object_text,
                                                     const std::string* array_text);

}  // namespace trustee::operators
