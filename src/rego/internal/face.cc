#include "rego/internal/face.h"

#include <string>
#include <utility>

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

Error Failure::to_error(std::source_location where) const {
  std::string detail;
  if (error_.line != 0) {
    detail = "line " + std::to_string(error_.line);
    if (error_.column != 0) detail += ", column " + std::to_string(error_.column);
    detail += ": ";
  }
  detail += text_of({error_.message.ptr, error_.message.len});
  return Error(code_of(error_.status), std::move(detail), where);
}

}  // namespace trustee::rego
