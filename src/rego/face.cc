#include "rego/internal/face.h"

namespace trustee::rego::internal {

Error error_of(trustee_status status, const Failure& failure) {
  const auto with = [&](Errc code) { return Error(code, failure.message()); };
  switch (status) {
    case TRUSTEE_REGO_SYNTAX:
      return with(Errc::syntax);
    case TRUSTEE_REGO_UNSOUND:
      return with(Errc::unsound);
    case TRUSTEE_REGO_WRONG_PACKAGE:
      return with(Errc::wrong_package);
    case TRUSTEE_REGO_RULE_MISSING:
      return with(Errc::rule_missing);
    case TRUSTEE_REGO_UNKNOWN_FUNCTION:
      return with(Errc::unknown_function);
    case TRUSTEE_REGO_TOO_DEEP:
      return with(Errc::too_deep);
    case TRUSTEE_REGO_EVALUATION:
      return with(Errc::evaluation_failed);
    case TRUSTEE_REGO_TIME_LIMIT:
      return with(Errc::time_limit);
    case TRUSTEE_JSON_INVALID:
      return with(Errc::input_invalid);
    case TRUSTEE_REGEX_INVALID:
      return with(Errc::pattern_invalid);
    case TRUSTEE_OK:
    case TRUSTEE_INVALID_ARGUMENT:
    case TRUSTEE_PANIC:
    case TRUSTEE_OUT_OF_RESOURCES:
    case TRUSTEE_REGO_NEEDS:
    case TRUSTEE_KEY_INVALID:
    case TRUSTEE_SIGNATURE_INVALID:
    case TRUSTEE_CRYPTO_FAILED:
      break;
  }
  return Error(Errc::engine,
               "status " + std::to_string(static_cast<int>(status)) + ": " + failure.message());
}

}  // namespace trustee::rego::internal
