#pragma once

#include <source_location>
#include <span>
#include <vector>

#include "base/error.h"
#include "rego/errors.h"
#include "rego/reference_set.h"
#include "rust_face/face.h"

namespace trustee::rego {

using rust_face::slice;
using rust_face::text_of;

/// Lifetime: views into `values`.
std::vector<trustee_named_json> borrowed(std::span<const NamedJson> values);

/// Errors: every one of the library's, none for TRUSTEE_OK.
Errc code_of(trustee_status status);

/// A failure with the code that this module gives it.
class Failure : public rust_face::Failure {
 public:
  Error to_error(std::source_location where = std::source_location::current()) const {
    return Error(code_of(status()), detail(), where);
  }
};

}  // namespace trustee::rego
