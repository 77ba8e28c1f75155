#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "rcar/tee.h"
#include "rcar/tee_key.h"

namespace trustee::rcar {

/// The hash over runtime data when nothing else was agreed.
inline constexpr crypto::Hash kDefaultHash = crypto::Hash::sha384;

inline constexpr std::size_t kMaxAdditionalEvidence = 8 * 1024 * 1024;  ///< bytes of the text
inline constexpr std::size_t kMaxAdditionalItems = 64;

/// What the evidence of the CPU is bound to: `{"tee-pubkey":…,"nonce":…,"additional-evidence":…}`.
/// `additional_evidence` is the text on the wire, byte for byte, possibly empty. Source:
/// kbs.md 5.3.
json::Object primary_runtime_data(const TeePubKey& key, std::string_view nonce,
                                  std::string_view additional_evidence);

/// What the evidence of a device is bound to: `{"tee-pubkey":…,"nonce":…}`. Source: kbs.md 5.3.
json::Object device_runtime_data(const TeePubKey& key, std::string_view nonce);

/// The digest of the canonical form (RFC 8785) of a JSON value. Each verifier pads or cuts it to
/// its field. Errors: codec::json_not_canonicalisable. Source: kbs.md 5.4; client-and-guest.md 3.4.
Result<crypto::Digest> binding_digest(crypto::Hash hash, const json::Value& runtime_data);

/// The hash that the server tells a guest to use: the member `selected-hash-algorithm` of the
/// challenge's extra parameters, in any letter case; without it, kDefaultHash.
/// Errors  unexpected_json_data_type, invalid_hash_algorithm.
/// Source  client-and-guest.md 3.3.
Result<crypto::Hash> selected_hash(const json::Value& challenge_extra_params);

/// Whether a guest that sent these extra parameters can use `needed`: none when it does not list
/// what it supports, else `needed`. Letter case is ignored and entries that are no texts are
/// skipped. Errors  hash_list_malformed (no array, or no text in it), hash_not_supported. Source
/// kbs.md 5.6.
Result<std::optional<crypto::Hash>> negotiate_hash(const json::Value& request_extra_params,
                                                   crypto::Hash needed);

/// The extra parameters of a challenge: `{"selected-hash-algorithm":…}`, or `""` for none.
json::Value challenge_extra_params(std::optional<crypto::Hash> selected);

/// The evidence of one device.
struct AdditionalEvidence {
  Tee tee;
  json::Value evidence;
};

/// Takes the additional evidence apart, in the order of its text; empty text: none. At most
/// kMaxAdditionalItems. A name may occur once.
/// Errors  additional_evidence_malformed, unknown_tee.
/// Source  kbs.md 5.3 and W28.
Result<std::vector<AdditionalEvidence>> split_additional_evidence(std::string_view text);

}  // namespace trustee::rcar
