#include "operator/tls_secret.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "codec/der.h"
#include "codec/time.h"
#include "crypto/errors.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "operator/errors.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kTlsType = "kubernetes.io/tls";

std::string about(std::string_view name, std::string_view text) {
  return "secret " + std::string(name) + ": " + std::string(text);
}

Result<std::string> entry(const json::Object& secret, std::string_view name, std::string_view key) {
  auto value = secret_entry(secret, key);
  if (!value.ok() && value.error().is(Errc::secret_key_missing)) {
    return Error(Errc::secret_key_missing,
                 std::string(key) + " not found in TLS secret " + std::string(name));
  }
  if (!value.ok()) {
    return Error(Errc::secret_data_malformed, about(name, std::string(key) + " is no base64"));
  }
  return value;
}

/// RFC 5280, 4.2.1.6: SEQUENCE OF GeneralName, dNSName [2] IA5String.
Result<bool> names_service(const crypto::Certificate& certificate) {
  constexpr std::string_view kSubjectAltName = "2.5.29.17";
  constexpr der::Tag kDnsName = der::context(2);
  const auto extension = certificate.extension(kSubjectAltName);
  if (!extension.ok()) {
    return false;
  }
  der::Reader whole(*extension);
  TRY(auto names, whole.sequence());
  while (!names.at_end()) {
    TRY(const auto element, names.any());
    std::string name(as_text(element.content));
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (element.tag == kDnsName &&
        (name == kService || name.starts_with(std::string(kService) + "."))) {
      return true;
    }
  }
  return false;
}

Result<void> check_dates(const crypto::Certificate& leaf, std::string_view name, Time now) {
  const auto valid = leaf.check_valid_at(now);
  if (valid.ok()) {
    return {};
  }
  const bool expired = valid.error().is(crypto::Errc::certificate_expired);
  const auto when = codec::rfc3339_seconds(expired ? leaf.not_after() : leaf.not_before());
  return Error(Errc::certificate_not_in_force,
               about(name, expired ? "its certificate expired at " + when + "; renew it"
                                   : "its certificate is valid from " + when + " on"));
}

Result<void> check_token_key(const crypto::Certificate& leaf, std::string_view name) {
  const auto curve = leaf.public_key().curve();
  if (curve.ok() && *curve == crypto::Curve::p256) {
    return {};
  }
  return Error(Errc::token_key_not_p256,
               about(name, "its key must be an EC key on the curve P-256"));
}

Result<crypto::Certificate> leaf_of(const std::string& pem, std::string_view name) {
  auto chain = crypto::Certificate::bundle_from_pem(pem);
  if (!chain.ok()) {
    return Error(Errc::certificate_unreadable, about(name, "tls.crt holds no PEM certificate"));
  }
  return std::move(chain->front());
}

Result<void> check_pair(const crypto::Certificate& leaf, const std::string& key_pem,
                        std::string_view name) {
  const auto key = crypto::PrivateKey::from_pem(SecretText(std::string(key_pem)));
  if (!key.ok()) {
    return Error(Errc::private_key_unreadable,
                 about(name, "tls.key holds no unencrypted PEM private key"));
  }
  if (!(key->public_key() == leaf.public_key())) {
    return Error(Errc::key_pair_mismatch, about(name, "tls.key does not belong to tls.crt"));
  }
  return {};
}

}  // namespace

Result<CheckedTls> check_tls_secret(const json::Object* secret, std::string_view name, TlsUse use,
                                    Time now) {
  if (secret == nullptr) {
    return Error(Errc::secret_missing, "secret " + std::string(name) + " does not exist");
  }
  const auto type = text_at(*secret, {"type"});
  if (type != kTlsType) {
    return Error(Errc::secret_wrong_type, "secret " + std::string(name) +
                                              " is not of type kubernetes.io/tls, got " +
                                              (type.empty() ? "Opaque" : type));
  }
  CheckedTls checked;
  TRY(checked.key, entry(*secret, name, "tls.key"));
  TRY(checked.cert, entry(*secret, name, "tls.crt"));
  TRY(const auto leaf, leaf_of(checked.cert, name));
  TRY_VOID(check_pair(leaf, checked.key, name));
  TRY_VOID(check_dates(leaf, name, now));
  if (use == TlsUse::token) {
    TRY_VOID(check_token_key(leaf, name));
  }
  checked.not_after = leaf.not_after();
  TRY(checked.names_service, names_service(leaf));
  return checked;
}

}  // namespace trustee::operators
