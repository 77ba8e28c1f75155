#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collateral/document.h"
#include "crypto/key.h"

namespace trustee::collateral {

/// Bounds of a bundle; one past is refused.
inline constexpr std::size_t kMaxBundle = 64U << 20U;  ///< bytes of the file
inline constexpr std::size_t kMaxBundleItems = 20000;

/// One document that a bundle carries.
struct BundleItem {
  DocumentId id;
  Record record;
  friend bool operator==(const BundleItem&, const BundleItem&) = default;
};

/// Collateral on its way to a site without a way out.
struct Bundle {
  Time created;
  std::vector<BundleItem> items;  ///< no two of one name
  friend bool operator==(const Bundle&, const Bundle&) = default;
};

/// The file of a bundle: a compact JWS (EdDSA, ES256 or ES384, after the key) over the JSON text
/// `{"format":"trustee-bundle","version":1,"created":…,"items":[{"document":"intel-root-crl/root",
/// "fetched":…,"expires":…,"issuer_chain":…,"body":…},…]}`; times as RFC 3339 in seconds, chains as
/// PEM (left out when empty), bodies in base64. Errors: bundle_key_unusable; record_too_large.
Result<std::string> sign_bundle(const Bundle& bundle, const crypto::PrivateKey& key);

/// What a bundle signed by `key` carries. The signature says who packed it, not that its documents
/// are good: each must still pass the check of its kind.
/// Errors  bundle_key_unusable, bundle_not_trusted, bundle_malformed.
Result<Bundle> open_bundle(std::string_view file, const crypto::PublicKey& key);

/// What a payload says, once its signature was checked. Errors: bundle_malformed.
Result<Bundle> parse_bundle_payload(std::string_view json);

}  // namespace trustee::collateral
