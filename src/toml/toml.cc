#include "toml/toml.h"

#include <limits>
#include <utility>

#include "codec/utf8.h"
#include "rust_face/face.h"
#include "toml/errors.h"

namespace trustee::toml {
namespace {

Errc code_of(trustee_status status) {
  switch (status) {
    case TRUSTEE_TOML_SYNTAX:
      return Errc::syntax;
    case TRUSTEE_TOML_TOO_DEEP:
      return Errc::too_deep;
    case TRUSTEE_TOML_TOO_LARGE:
      return Errc::too_large;
    case TRUSTEE_TOML_UNREPRESENTABLE:
      return Errc::not_representable;
    case TRUSTEE_OK:
    case TRUSTEE_INVALID_ARGUMENT:
    case TRUSTEE_PANIC:
    case TRUSTEE_JSON_INVALID:
    case TRUSTEE_OUT_OF_RESOURCES:
    case TRUSTEE_REGO_SYNTAX:
    case TRUSTEE_REGO_UNSOUND:
    case TRUSTEE_REGO_WRONG_PACKAGE:
    case TRUSTEE_REGO_RULE_MISSING:
    case TRUSTEE_REGO_UNKNOWN_FUNCTION:
    case TRUSTEE_REGO_TOO_DEEP:
    case TRUSTEE_REGO_EVALUATION:
    case TRUSTEE_REGO_TIME_LIMIT:
    case TRUSTEE_REGO_NEEDS:
    case TRUSTEE_REGEX_INVALID:
    case TRUSTEE_KEY_INVALID:
    case TRUSTEE_SIGNATURE_INVALID:
    case TRUSTEE_CRYPTO_FAILED:
      return Errc::library;
  }
  return Errc::library;  // a status of a newer library
}

/// What the library wrote, which has as many values as were admitted.
Result<json::Object> object_of(std::string_view json) {
  constexpr auto kAny = std::numeric_limits<std::size_t>::max();
  auto value = json::parse(json, json::Duplicates::refuse,
                           {.bytes = kAny, .depth = json::kDepthCeiling, .values = kAny});
  if (!value.ok()) return Error(Errc::library, value.error().to_string());
  json::Object* object = value->as_object();
  if (object == nullptr) return Error(Errc::library, "no table");
  return std::move(*object);
}

}  // namespace

Result<json::Object> parse(std::string_view text, Foreign foreign, Limits limits) {
  if (text.size() > limits.bytes) return Errc::too_large;
  if (!codec::is_utf8(as_bytes(text))) return Error(Errc::syntax, "not UTF-8");
  const std::uint32_t flags = foreign == Foreign::plain ? TRUSTEE_TOML_PLAIN : 0;
  rust_face::Buffer json;
  rust_face::Failure failure;
  const trustee_status status = trustee_toml_to_json(
      rust_face::slice(text), limits.depth, limits.items, flags, json.out(), failure.out());
  if (status != TRUSTEE_OK) return Error(code_of(status), failure.detail());
  return object_of(json.text());
}

}  // namespace trustee::toml
