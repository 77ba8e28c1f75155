#include "rego/internal/face.h"

namespace trustee::rego {

Errc code_of(trustee_status status) {
  switch (status) {
    case TRUSTEE_INVALID_ARGUMENT:
      return Errc::argument_invalid;
    case TRUSTEE_JSON_INVALID:
      return Errc::json_invalid;
    case TRUSTEE_REGO_SYNTAX:
      return Errc::syntax;
    case TRUSTEE_REGO_UNSOUND:
      return Errc::unsound;
    case TRUSTEE_REGO_WRONG_PACKAGE:
      return Errc::wrong_package;
    case TRUSTEE_REGO_RULE_MISSING:
      return Errc::rule_missing;
    case TRUSTEE_REGO_UNKNOWN_FUNCTION:
      return Errc::unknown_function;
    case TRUSTEE_REGO_TOO_DEEP:
      return Errc::too_deep;
    case TRUSTEE_REGO_EVALUATION:
      return Errc::evaluation_failed;
    case TRUSTEE_REGO_TIME_LIMIT:
      return Errc::time_limit;
    case TRUSTEE_REGEX_INVALID:
      return Errc::regex_invalid;
    case TRUSTEE_OK:
    case TRUSTEE_PANIC:
    case TRUSTEE_OUT_OF_RESOURCES:
    case TRUSTEE_REGO_NEEDS:
    case TRUSTEE_KEY_INVALID:
    case TRUSTEE_SIGNATURE_INVALID:
    case TRUSTEE_CRYPTO_FAILED:
    case TRUSTEE_TOML_SYNTAX:
    case TRUSTEE_TOML_TOO_DEEP:
    case TRUSTEE_TOML_TOO_LARGE:
    case TRUSTEE_TOML_UNREPRESENTABLE:
      return Errc::library;
  }
  return Errc::library;  // a status of a newer library
}

std::vector<trustee_named_json> borrowed(std::span<const NamedJson> values) {
  std::vector<trustee_named_json> out;
  out.reserve(values.size());
  for (const NamedJson& v : values) {
    out.push_back({slice(v.name), slice(v.json)});
  }
  return out;
}

}  // namespace trustee::rego
