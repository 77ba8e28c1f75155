#include "rego/regex.h"

#include "rego/internal/face.h"

namespace trustee::rego {

Regex::Regex(trustee_regex* regex) : regex_(regex, trustee_regex_free) {}

Result<Regex> Regex::compile(std::string_view pattern) {
  trustee_regex* out = nullptr;
  Failure failure;
  const trustee_status status = trustee_regex_compile(slice(pattern), &out, failure.out());
  if (status != TRUSTEE_OK) return failure.to_error();
  return Regex(out);
}

bool Regex::matches(std::string_view text) const {
  int matched = 0;
  const trustee_status status = trustee_regex_full_match(regex_.get(), slice(text), &matched);
  return status == TRUSTEE_OK && matched == 1;
}

}  // namespace trustee::rego
