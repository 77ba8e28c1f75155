#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/key.h"

namespace trustee::jose {

/// Bits of an RSA modulus below which no signature is believed. Source: RFC 7518 3.3 and 3.5.
inline constexpr std::size_t kMinRsaBits = 2048;

/// The signature algorithm of this JOSE name: ES256, ES384, RS256/384/512, PS256/384/512, EdDSA.
/// Nothing else is one, least of all `none` and the HMAC names. Source: RFC 7518 3.1, RFC 8037 3.1.
std::optional<crypto::SignatureScheme> scheme_from_name(std::string_view name);
/// The JOSE name.
std::string_view to_string(crypto::SignatureScheme scheme);

/// Whether keys of this type, and curve where there is one, make signatures of the scheme.
bool fits(crypto::SignatureScheme scheme, const crypto::PublicKey& key);

/// How the content key of a JWE reaches its recipient.
enum class KeyWrap : std::uint8_t { rsa1_5, rsa_oaep_256, ecdh_es_a256kw };

/// Only `RSA1_5`, `RSA-OAEP-256`, `ECDH-ES+A256KW`. Source: kbs.md 8.
std::optional<KeyWrap> key_wrap_from_name(std::string_view name);
/// The JOSE name.
std::string_view to_string(KeyWrap wrap);

}  // namespace trustee::jose
