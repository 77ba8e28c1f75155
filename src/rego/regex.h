#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "rego/errors.h"

struct trustee_regex;

namespace trustee::rego {

/// A regular expression of Rust's `regex` crate that matches texts in full; time is linear in the
/// text. Immutable; copies share; safe from many threads.
class Regex {
 public:
  /// Errors: regex_invalid, argument_invalid (not UTF-8). Limits: 4 KiB of pattern, 1 MiB compiled.
  static Result<Regex> compile(std::string_view pattern);
  /// Whether the whole of `text` matches; a text that is not UTF-8 never does.
  bool matches(std::string_view text) const;

 private:
  explicit Regex(trustee_regex* regex);
  std::shared_ptr<const trustee_regex> regex_;
};

}  // namespace trustee::rego
