#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "rego/errors.h"

struct trustee_regex;

namespace trustee::rego {

/// A regular expression of Rust's regex crate that matches a text in full, alternations included.
/// Linear time. Immutable; safe from many threads.
class Regex {
 public:
  /// Limits: 4 KiB of pattern. Errors: pattern_invalid.
  static Result<Regex> compile(std::string_view pattern);
  /// False for text that is not UTF-8.
  bool matches(std::string_view text) const;

 private:
  explicit Regex(trustee_regex* handle);
  std::shared_ptr<const trustee_regex> handle_;
};

}  // namespace trustee::rego
