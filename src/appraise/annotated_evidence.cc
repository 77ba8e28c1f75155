#include "appraise/annotated_evidence.h"

#include "appraise/errors.h"
#include "base/try.h"

namespace trustee::appraise {

namespace {

/// Tokens carry integers of 64 bits with sign; whoever reads a larger one may read another.
Result<void> check_numbers(const json::Value& value) {
  if (const json::Number* number = value.as_number(); number != nullptr) {
    if (number->is_integer() && !number->as_i64().has_value()) {
      return Error(Errc::claim_number_too_large, number->text());
    }
  } else if (const json::Array* array = value.as_array(); array != nullptr) {
    for (const json::Value& element : *array) {
      TRY_VOID(check_numbers(element));
    }
  } else if (const json::Object* object = value.as_object(); object != nullptr) {
    for (const json::Member& member : *object) {
      TRY_VOID(check_numbers(member.value));
    }
  }
  return {};
}

Result<void> move_out(json::Object& claims, std::string_view name, std::string_view claims_name,
                      const json::Value& explained, json::Object& out) {
  auto value = claims.remove(name);
  if (!value.has_value()) return {};
  if (value->as_string() == nullptr) {
    return Error(Errc::claim_not_text, "`" + std::string(name) + "`");
  }
  out.set(name, std::move(*value));
  out.set(claims_name, explained);
  return {};
}

json::Value shortened(const json::Value& runtime_data_claims, Verbosity verbosity) {
  json::Value out = runtime_data_claims;
  switch (verbosity) {
    case Verbosity::full:
      break;
    case Verbosity::brief:
      if (json::Object* object = out.as_object(); object != nullptr) {
        (void)object->remove("additional-evidence");
      }
      break;
  }
  return out;
}

}  // namespace

Result<json::Object> annotate(const claims::ClaimSet& verified, std::string_view tee,
                              const json::Value& runtime_data_claims,
                              const json::Value& init_data_claims, Verbosity verbosity) {
  json::Object claims = verified.claims;
  json::Object out;
  TRY_VOID(move_out(claims, "init_data", "init_data_claims", init_data_claims, out));
  TRY_VOID(move_out(claims, "report_data", "runtime_data_claims",
                    shortened(runtime_data_claims, verbosity), out));
  out.set(tee, std::move(claims));
  for (const json::Member& member : out) {
    TRY_VOID(check_numbers(member.value));
  }
  out.sort_deep();
  return out;
}

}  // namespace trustee::appraise
