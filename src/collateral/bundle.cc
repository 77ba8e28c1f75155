#include "collateral/bundle.h"

#include <set>
#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/time.h"
#include "collateral/errors.h"
#include "jose/jwt.h"
#include "jose/signer.h"

namespace trustee::collateral {

namespace {

constexpr std::string_view kFormat = "trustee-bundle";
constexpr std::uint64_t kVersion = 1;
constexpr json::Limits kLimits{.bytes = kMaxBundle, .depth = 8, .values = 8 * kMaxBundleItems};

struct Algorithm {
  crypto::SignatureScheme scheme;
  std::string_view name;
};

/// The one algorithm of a key; never what a file says.
Result<Algorithm> algorithm_of(const crypto::PublicKey& key) {
  using crypto::SignatureScheme;
  switch (key.type()) {
    case crypto::KeyType::ed25519:
      return Algorithm{SignatureScheme::eddsa, "EdDSA"};
    case crypto::KeyType::ec: {
      TRY(const crypto::Curve curve, key.curve());
      if (curve == crypto::Curve::p256) return Algorithm{SignatureScheme::es256, "ES256"};
      if (curve == crypto::Curve::p384) return Algorithm{SignatureScheme::es384, "ES384"};
      return Errc::bundle_key_unusable;
    }
    case crypto::KeyType::rsa:
      return Errc::bundle_key_unusable;
  }
  return Errc::bundle_key_unusable;
}

/// Within the limits of what is kept. Errors: record_too_large.
Result<void> check_keepable(const Record& record) {
  const auto kept = encode_record(record);
  return kept.ok() ? Result<void>() : Result<void>(kept.error());
}

Error malformed(const std::string& what) { return Error(Errc::bundle_malformed, what); }

json::Object to_json(const BundleItem& item) {
  json::Object out;
  out.append("document", item.id.key());
  out.append("fetched", codec::rfc3339_seconds(item.record.validity.fetched_at));
  out.append("expires", codec::rfc3339_seconds(item.record.validity.valid_until));
  const RawDocument& document = item.record.document;
  if (!document.issuer_chain.empty()) out.append("issuer_chain", document.issuer_chain);
  out.append("body", codec::base64_encode(document.body));
  return out;
}

Result<Time> time_member(const json::Object& object, std::string_view name) {
  TRY(const std::string* text, json::string_member(object, name));
  return codec::parse_rfc3339_seconds(*text);
}

Result<BundleItem> read_item(const json::Value& value) {
  BundleItem item;
  TRY(const json::Object* object, json::object_of(value, "an item"));
  TRY(const std::string* name, json::string_member(*object, "document"));
  TRY(item.id, parse_document_id(*name));
  TRY(item.record.validity.fetched_at, time_member(*object, "fetched"));
  TRY(item.record.validity.valid_until, time_member(*object, "expires"));
  if (object->contains("issuer_chain")) {
    TRY(const std::string* chain, json::string_member(*object, "issuer_chain"));
    item.record.document.issuer_chain = *chain;
  }
  TRY(const std::string* body, json::string_member(*object, "body"));
  TRY(item.record.document.body, codec::base64_decode(*body));
  TRY_VOID(check_keepable(item.record));
  return item;
}

Result<Bundle> read_bundle(std::string_view text) {
  TRY(const json::Value value, json::parse(text, json::Duplicates::refuse, kLimits));
  TRY(const json::Object* object, json::object_of(value, "the bundle"));
  TRY(const std::string* format, json::string_member(*object, "format"));
  if (*format != kFormat) return malformed("its format is " + *format);
  TRY(const std::uint64_t version, json::u64_member(*object, "version"));
  if (version != kVersion) return malformed("version " + std::to_string(version) + " is unknown");
  Bundle out;
  TRY(out.created, time_member(*object, "created"));
  TRY(const json::Array* items, json::array_member(*object, "items"));
  if (items->size() > kMaxBundleItems) return malformed("it has too many items");
  std::set<DocumentId> seen;
  for (const json::Value& element : *items) {
    TRY(BundleItem item, read_item(element));
    if (!seen.insert(item.id).second) return malformed(item.id.key() + " is there twice");
    out.items.push_back(std::move(item));
  }
  return out;
}

}  // namespace

Result<std::string> sign_bundle(const Bundle& bundle, const crypto::PrivateKey& key) {
  TRY(const Algorithm algorithm, algorithm_of(key.public_key()));
  json::Array items;
  for (const BundleItem& item : bundle.items) {
    TRY_VOID(check_keepable(item.record));
    items.emplace_back(to_json(item));
  }
  json::Object payload;
  payload.append("format", kFormat);
  payload.append("version", kVersion);
  payload.append("created", codec::rfc3339_seconds(bundle.created));
  payload.append("items", std::move(items));
  const json::Object header{{"typ", "trustee-bundle"}, {"alg", algorithm.name}};
  TRY(const jose::Signer signer, jose::Signer::create(key, algorithm.scheme, json::write(header)));
  const std::string text = json::write(payload);
  return signer.sign(as_bytes(text));
}

Result<Bundle> open_bundle(std::string_view file, const crypto::PublicKey& key) {
  TRY(const Algorithm algorithm, algorithm_of(key));
  while (file.ends_with('\n') || file.ends_with('\r')) {
    file.remove_suffix(1);
  }
  const auto token = jose::UnverifiedToken::parse(file, kMaxBundle);
  if (!token.ok()) return malformed(token.error().to_string());
  const auto payload = token->verify_signature(key, algorithm.scheme);
  if (!payload.ok()) {
    return Error(Errc::bundle_not_trusted, "the bundle is not signed by the key that was given (" +
                                               payload.error().to_string() + ")");
  }
  return parse_bundle_payload(as_text(*payload));
}

Result<Bundle> parse_bundle_payload(std::string_view json) {
  auto bundle = read_bundle(json);
  if (bundle.ok() || bundle.error().is(Errc::bundle_malformed)) return bundle;
  return malformed(bundle.error().to_string());
}

}  // namespace trustee::collateral
