#include "tpm_evidence/evidence.h"

#include <utility>
#include <vector>

#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "tpm/errors.h"
#include "tpm_evidence/errors.h"

namespace trustee::tpm_evidence {

namespace {

Result<ByteVec> base64_member(const json::Object& object, std::string_view name) {
  TRY(const std::string* text, json::string_member(object, name));
  return codec::base64_decode(*text);
}

Result<std::vector<ByteVec>> read_pcrs(const json::Object& quote) {
  TRY(const json::Array* array, json::array_member(quote, "pcrs"));
  std::vector<ByteVec> values;
  for (const json::Value& value : *array) {
    const std::string* text = value.as_string();
    if (text == nullptr) return Error(Errc::evidence_malformed, "a PCR is not a string");
    if (text->size() != 64) {
      return Error(tpm::Errc::pcr_malformed, "PCR should be 64 hex characters (32 bytes), got " +
                                                 std::to_string(text->size()));
    }
    TRY(ByteVec bytes, codec::hex_decode(*text));
    values.push_back(std::move(bytes));
  }
  return values;
}

/// The claim `ak_public` is the text that came: one key must not have several.
Result<crypto::PublicKey> read_ak(Bytes spki) {
  auto ak = crypto::PublicKey::from_spki(spki);
  if (!ak.ok()) return Error(Errc::ak_malformed, ak.error().to_string());
  if (!equal(ak->spki(), spki)) return Error(Errc::ak_malformed, "its encoding is not the key's");
  return ak;
}

Result<Evidence> read(const json::Value& document) {
  TRY(const json::Object* object, json::object_of(document, "TPM evidence"));
  TRY(const std::string* ak_public, json::string_member(*object, "ak_public"));
  TRY(const json::Object* quote, json::object_member(*object, "tpm_quote"));
  TRY(ByteVec signature, base64_member(*quote, "signature"));
  TRY(ByteVec message, base64_member(*quote, "message"));
  TRY(const auto values, read_pcrs(*quote));
  TRY(const tpm::Pcrs pcrs, tpm::pcrs_of(values));
  TRY(const ByteVec spki, codec::base64_decode(*ak_public));
  TRY(crypto::PublicKey ak, read_ak(spki));
  return Evidence{*ak_public, std::move(ak), std::move(signature), std::move(message), pcrs};
}

}  // namespace

Result<Evidence> parse_evidence(std::string_view json) {
  auto document = json::parse(json, json::Duplicates::refuse, {.bytes = kMaxEvidence});
  if (!document.ok()) return Error(Errc::evidence_malformed, document.error().to_string());
  auto evidence = read(*document);
  if (evidence.ok() || evidence.error().is(Errc::ak_malformed) ||
      evidence.error().is(tpm::Errc::pcr_malformed)) {
    return evidence;
  }
  return Error(Errc::evidence_malformed, evidence.error().to_string());
}

}  // namespace trustee::tpm_evidence
