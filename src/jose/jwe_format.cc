#include "base/try.h"
#include "codec/base64.h"
#include "crypto/symmetric.h"
#include "jose/jwe.h"

namespace trustee::jose {
namespace {

Error malformed(std::string_view member) {
  return Error(Errc::jwe_malformed, "member " + std::string(member));
}

void append_text(std::string& out, std::string_view name, std::string_view base64url) {
  out += name;
  out += base64url;
}

Result<std::string*> text_member(json::Object& object, std::string_view name) {
  json::Value* const value = object.find(name);
  if (value == nullptr || value->as_string() == nullptr) return malformed(name);
  return value->as_string();
}

Result<ByteVec> bytes_member(json::Object& object, std::string_view name) {
  TRY(const std::string* const text, text_member(object, name));
  auto bytes = codec::base64url_decode(*text);
  if (!bytes.ok()) return malformed(name);
  return std::move(bytes).value();
}

Result<void> read_aad(json::Object& object, Jwe& jwe) {
  const json::Value* const value = object.find("aad");
  if (value == nullptr || value->is_null()) return {};
  TRY(std::string* const text, text_member(object, "aad"));
  if (!codec::base64url_decode(*text).ok()) return malformed("aad");
  jwe.aad = std::move(*text);
  return {};
}

}  // namespace

std::string to_json_text(const Jwe& jwe) {
  const Bytes sealed(jwe.sealed);
  const std::size_t size = sealed.size() - crypto::kGcmTagSize;
  std::string out;
  out.reserve(jwe.protected_text.size() + (jwe.encrypted_key.size() + sealed.size()) * 4 / 3 + 160);
  append_text(out, R"({"protected":")", jwe.protected_text);
  append_text(out, R"(","encrypted_key":")", codec::base64url_encode(jwe.encrypted_key));
  if (jwe.aad.has_value()) append_text(out, R"(","aad":")", *jwe.aad);
  append_text(out, R"(","iv":")", codec::base64url_encode(jwe.iv));
  append_text(out, R"(","ciphertext":")", codec::base64url_encode(sealed.first(size)));
  append_text(out, R"(","tag":")", codec::base64url_encode(sealed.subspan(size)));
  out += "\"}";
  return out;
}

Result<Jwe> parse_jwe(std::string_view text) {
  auto document = json::parse(text, json::Duplicates::refuse,
                              {.bytes = kMaxJweText, .depth = 16, .values = 1024});
  if (!document.ok()) return Error(Errc::jwe_malformed, document.error().to_string());
  json::Object* const object = document->as_object();
  if (object == nullptr) return Error(Errc::jwe_malformed, "not an object");
  Jwe jwe;
  TRY(std::string* const header, text_member(*object, "protected"));
  if (header->size() > kMaxProtectedText) return malformed("protected");
  jwe.protected_text = std::move(*header);
  TRY(jwe.encrypted_key, bytes_member(*object, "encrypted_key"));
  TRY_VOID(read_aad(*object, jwe));
  TRY(jwe.iv, bytes_member(*object, "iv"));
  if (jwe.iv.size() != crypto::kGcmIvSize) return malformed("iv");
  TRY(jwe.sealed, bytes_member(*object, "ciphertext"));
  TRY(const ByteVec tag, bytes_member(*object, "tag"));
  if (tag.size() != crypto::kGcmTagSize) return malformed("tag");
  jwe.sealed.insert(jwe.sealed.end(), tag.begin(), tag.end());
  return jwe;
}

std::string protected_text(std::string_view alg, std::string_view enc, json::Object more) {
  more.sort_deep();
  json::Object header;
  header.append("alg", alg);
  header.append("enc", enc);
  for (json::Member& m : more) {
    header.append(std::move(m.name), std::move(m.value));
  }
  return codec::base64url_encode(as_bytes(json::write(std::move(header))));
}

}  // namespace trustee::jose
