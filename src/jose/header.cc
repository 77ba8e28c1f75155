#include "jose/internal/header.h"

#include <algorithm>
#include <array>

#include "base/try.h"
#include "jose/algorithm.h"

namespace trustee::jose {
namespace {

Error malformed(std::string_view member) {
  return Error(Errc::header_malformed, "member " + std::string(member));
}

// `null` counts as absent for these; for every other member that is a text it does not.
constexpr std::array<std::string_view, 6> kNullableTexts = {"typ", "cty", "jku",
                                                            "x5u", "x5t", "x5t#S256"};

Result<void> check_x5c(const json::Value& value) {
  if (value.is_null()) return {};
  const json::Array* const array = value.as_array();
  if (array == nullptr || array->size() > kMaxX5cEntries) return malformed("x5c");
  const bool all_texts = std::ranges::all_of(
      *array, [](const json::Value& entry) { return entry.as_string() != nullptr; });
  if (!all_texts) return malformed("x5c");
  return {};
}

Result<void> check_form(std::string_view name, const json::Value& value) {
  if (name == "jwk") return {};
  if (name == "x5c") return check_x5c(value);
  if (name == "crit") {
    if (value.is_null()) return {};
    return Errc::critical_header;
  }
  if (value.is_null() && std::ranges::find(kNullableTexts, name) != kNullableTexts.end()) return {};
  if (value.as_string() == nullptr) return malformed(name);
  return {};
}

}  // namespace

Result<JwsHeader> parse_jws_header(Bytes text) {
  if (text.size() > kMaxHeaderSize) return Error(Errc::header_malformed, "too large");
  auto document = json::parse(as_text(text), json::Duplicates::refuse,
                              {.bytes = kMaxHeaderSize, .depth = 8, .values = 1024});
  if (!document.ok()) return Error(Errc::header_malformed, document.error().to_string());
  const json::Object* const object = document->as_object();
  if (object == nullptr) return Error(Errc::header_malformed, "not an object");
  for (const json::Member& m : *object) {
    TRY_VOID(check_form(m.name, m.value));
  }
  const json::Value* const alg = object->find("alg");
  if (alg == nullptr) return malformed("alg");
  const auto scheme = scheme_from_name(*alg->as_string());
  if (!scheme.has_value()) return Error(Errc::algorithm_unsupported, *alg->as_string());
  JwsHeader header;
  header.scheme = *scheme;
  if (const json::Value* const kid = object->find("kid"); kid != nullptr) {
    header.kid = *kid->as_string();
  }
  if (const json::Value* const jwk = object->find("jwk"); jwk != nullptr && !jwk->is_null()) {
    TRY(header.jwk, parse_jwk(*jwk));
  }
  return header;
}

}  // namespace trustee::jose
