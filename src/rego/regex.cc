#include "rego/regex.h"

#include "rego/internal/face.h"

namespace trustee::rego {

Regex::Regex(trustee_regex* handle)
    : handle_(handle,
              [](const trustee_regex* h) { trustee_regex_free(const_cast<trustee_regex*>(h)); }) {}

Result<Regex> Regex::compile(std::string_view pattern) {
  trustee_regex* out = nullptr;
  internal::Failure failure;
  const auto status = trustee_regex_compile(internal::slice(pattern), &out, failure.out());
  if (status != TRUSTEE_OK) return internal::error_of(status, failure);
  return Regex(out);
}

bool Regex::matches(std::string_view text) const {
  int matched = 0;
  const auto status = trustee_regex_full_match(handle_.get(), internal::slice(text), &matched);
  return status == TRUSTEE_OK && matched == 1;
}

}  // namespace trustee::rego
