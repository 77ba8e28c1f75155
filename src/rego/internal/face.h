#pragma once

#include <trustee_rust.h>

#include <source_location>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "rego/errors.h"
#include "rego/reference_set.h"

namespace trustee::rego {

inline trustee_slice slice(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view text_of(trustee_slice slice) {
  return {reinterpret_cast<const char*>(slice.ptr), slice.len};
}

/// Lifetime: views into `values`.
std::vector<trustee_named_json> borrowed(std::span<const NamedJson> values);

/// Errors: every one of the library's, none for TRUSTEE_OK.
Errc code_of(trustee_status status);

/// What the library writes its failures to; frees them.
class Failure {
 public:
  Failure() = default;
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { trustee_error_free(&error_); }

  trustee_error* out() { return &error_; }
  trustee_status status() const { return error_.status; }
  /// What was written; the detail begins with the place in the policy, if known.
  Error to_error(std::source_location where = std::source_location::current()) const;

 private:
  trustee_error error_{};
};

}  // namespace trustee::rego
