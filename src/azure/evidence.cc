#include "azure/evidence.h"

#include <optional>
#include <string>
#include <utility>

#include "azure/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "tpm/errors.h"

namespace trustee::azure {

namespace {

constexpr unsigned kNewestVersion = 2;

Error malformed(std::string why) { return {Errc::evidence_malformed, std::move(why)}; }

/// How one version writes byte strings.
using ReadBytes = Result<ByteVec> (*)(const json::Value&);

Result<ByteVec> from_hex_text(const json::Value& value) {
  const std::string* text = value.as_string();
  if (text == nullptr) return malformed("a byte string is not hexadecimal text");
  return codec::hex_decode(*text);
}

Result<ByteVec> from_base64_text(const json::Value& value) {
  const std::string* text = value.as_string();
  if (text == nullptr) return malformed("a byte string is not base64 text");
  return text->ends_with('=') ? codec::base64url_padded_decode(*text)
                              : codec::base64url_decode(*text);
}

Result<ByteVec> from_numbers(const json::Value& value) {
  const json::Array* array = value.as_array();
  if (array == nullptr) return malformed("a byte string is not an array");
  ByteVec out;
  out.reserve(array->size());
  for (const json::Value& element : *array) {
    const json::Number* number = element.as_number();
    const auto n = number == nullptr ? std::nullopt : number->as_u64();
    if (!n.has_value() || *n > 0xFF) return malformed("an array has an element that is no byte");
    out.push_back(static_cast<std::uint8_t>(*n));
  }
  return out;
}

Result<ByteVec> from_plain_text(const json::Value& value) {
  const std::string* text = value.as_string();
  if (text == nullptr) return malformed("a certificate is not PEM text");
  return to_vec(as_bytes(*text));
}

Result<ByteVec> bytes_member(const json::Object& object, std::string_view name, ReadBytes read) {
  TRY(const json::Value* value, json::member(object, name));
  return read(*value);
}

Result<QuoteParts> read_quote(const json::Object& quote, ReadBytes read) {
  QuoteParts parts;
  TRY(parts.signature, bytes_member(quote, "signature", read));
  TRY(parts.message, bytes_member(quote, "message", read));
  TRY(const json::Array* array, json::array_member(quote, "pcrs"));
  std::vector<ByteVec> values;
  for (const json::Value& value : *array) {
    TRY(ByteVec bytes, read(value));
    values.push_back(std::move(bytes));
  }
  TRY(parts.pcrs, tpm::pcrs_of(values));
  return parts;
}

Result<Evidence> read_versioned(const json::Object& object, const MemberNames& names,
                                unsigned version) {
  Evidence evidence;
  evidence.version = version;
  TRY(const json::Object* quote, json::object_member(object, "tpm_quote"));
  TRY(evidence.quote, read_quote(*quote, from_hex_text));
  TRY(evidence.hcl_report, bytes_member(object, "hcl_report", from_base64_text));
  TRY(evidence.endorsement, bytes_member(object, names.endorsement, from_base64_text));
  return evidence;
}

Result<Evidence> read_v0(const json::Object& object, const MemberNames& names) {
  Evidence evidence;
  TRY(const json::Object* quote, json::object_member(object, names.v0_quote));
  TRY(evidence.quote, read_quote(*quote, from_numbers));
  TRY(evidence.hcl_report, bytes_member(object, names.v0_hcl_report, from_numbers));
  TRY(evidence.endorsement,
      bytes_member(object, names.endorsement,
                   names.v0_endorsement_is_text ? from_plain_text : from_numbers));
  return evidence;
}

/// The version that the evidence says it is: 1 or 2; 0 where it says nothing.
Result<unsigned> version_of(const json::Object& object) {
  if (!object.contains("version")) return 0U;
  TRY(const std::uint64_t version, json::u64_member(object, "version"));
  if (version == 0 || version > kNewestVersion) {
    return malformed("version " + std::to_string(version));
  }
  return static_cast<unsigned>(version);
}

Result<Evidence> read(const json::Value& document, const MemberNames& names) {
  TRY(const json::Object* object, json::object_of(document, "Azure vTPM evidence"));
  TRY(const unsigned version, version_of(*object));
  return version == 0 ? read_v0(*object, names) : read_versioned(*object, names, version);
}

}  // namespace

Result<Evidence> parse_evidence(std::string_view json, const MemberNames& names) {
  auto document = json::parse(json, json::Duplicates::refuse, {.bytes = kMaxEvidence});
  if (!document.ok()) return malformed(document.error().to_string());
  auto evidence = read(*document, names);
  if (evidence.ok() || evidence.error().is(Errc::evidence_malformed) ||
      evidence.error().is(tpm::Errc::pcr_malformed)) {
    return evidence;
  }
  return malformed(evidence.error().to_string());
}

}  // namespace trustee::azure
