#include "jose/jwt.h"

#include <limits>

#include "base/try.h"
#include "codec/base64.h"
#include "jose/algorithm.h"
#include "jose/internal/header.h"

namespace trustee::jose {
namespace {

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

Result<Parts> split(std::string_view token, std::size_t max_size) {
  if (token.size() > max_size) return Errc::token_too_large;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return Error(Errc::token_malformed, "no dot");
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return Error(Errc::token_malformed, "not three parts");
  }
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1)};
}

Result<ByteVec> decode(std::string_view part, const char* name) {
  auto bytes = codec::base64url_decode(part);
  if (!bytes.ok()) return Error(Errc::token_malformed, name);
  return std::move(bytes).value();
}

Result<json::Value> parse_claims(Bytes payload) {
  auto claims = json::parse(as_text(payload), json::Duplicates::refuse,
                            {.bytes = payload.size(), .depth = 64, .values = 1U << 16U});
  if (!claims.ok()) return Error(Errc::claims_malformed, claims.error().to_string());
  if (claims->as_object() == nullptr) return Error(Errc::claims_malformed, "not an object");
  return std::move(claims).value();
}

/// Only an integer literal counts: `1.0` and `1e12` do not.
std::optional<std::int64_t> integer_claim(const json::Object& claims, std::string_view name) {
  const json::Value* const value = claims.find(name);
  if (value == nullptr || value->as_number() == nullptr) return std::nullopt;
  return value->as_number()->as_i64();
}

// Times the clock type can hold; nothing later needs to be told apart.
constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max() / 1'000'000;

Result<Time> check_expiry(const json::Object& claims, Time now) {
  const std::optional<std::int64_t> exp = integer_claim(claims, "exp");
  if (!exp.has_value()) return Errc::expiry_missing;
  if (*exp < unix_seconds(now) - kLeewaySeconds) return Errc::token_expired;
  return from_unix_seconds(*exp < kLatest ? *exp : kLatest);
}

}  // namespace

Result<UnverifiedToken> UnverifiedToken::parse(std::string_view token, std::size_t max_size) {
  TRY(const Parts parts, split(token, max_size));
  TRY(const ByteVec header, decode(parts.header, "header"));
  UnverifiedToken out;
  TRY(out.header_, parse_jws_header(header));
  TRY(out.signature_, decode(parts.signature, "signature"));
  if (out.signature_.empty()) return Error(Errc::token_malformed, "no signature");
  out.text_ = token;
  out.payload_at_ = parts.header.size() + 1;
  out.signature_at_ = out.payload_at_ + parts.payload.size() + 1;
  return out;
}

Result<ByteVec> UnverifiedToken::verify_signature(const crypto::PublicKey& key,
                                                  crypto::SignatureScheme scheme) const {
  if (header_.scheme != scheme) return Errc::algorithm_mismatch;
  if (key.type() == crypto::KeyType::rsa && key.bits() < kMinRsaBits) {
    return Errc::rsa_key_too_small;
  }
  const std::string_view signed_text = std::string_view(text_).substr(0, signature_at_ - 1);
  TRY_VOID(key.verify(scheme, as_bytes(signed_text), signature_));
  return decode(signed_text.substr(payload_at_), "payload");
}

Result<VerifiedClaims> UnverifiedToken::verify(const crypto::PublicKey& key,
                                               crypto::SignatureScheme scheme, Time now) const {
  TRY(const ByteVec payload, verify_signature(key, scheme));
  TRY(json::Value claims, parse_claims(payload));
  TRY(const Time expiry, check_expiry(*claims.as_object(), now));
  return VerifiedClaims(std::move(claims), expiry);
}

Result<VerifiedClaims> UnverifiedToken::verify(const Jwk& jwk, Time now) const {
  TRY(const crypto::SignatureScheme scheme, signature_scheme(jwk));
  return verify(*jwk.key, scheme, now);
}

Result<ClaimedValidity> unverified_validity(std::string_view token) {
  TRY(const Parts parts, split(token, kMaxTokenSize));
  TRY(const ByteVec header, decode(parts.header, "header"));
  TRY(const ByteVec signature, decode(parts.signature, "signature"));
  if (header.empty() || signature.empty()) {
    return Error(Errc::token_malformed, "no header or no signature");
  }
  TRY(const ByteVec payload, decode(parts.payload, "payload"));
  TRY(const json::Value claims, parse_claims(payload));
  return ClaimedValidity{integer_claim(*claims.as_object(), "nbf"),
                         integer_claim(*claims.as_object(), "exp")};
}

}  // namespace trustee::jose
