#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "jose/algorithm.h"
#include "jose/errors.h"

namespace trustee::jose {

inline constexpr std::size_t kMaxJweText = 32 * 1024 * 1024;  ///< bytes of the JSON text
inline constexpr std::size_t kMaxProtectedText = 16 * 1024;   ///< characters of `protected`

/// A JWE for one recipient, flattened JSON form (RFC 7516 7.2.2), content encryption A256GCM.
struct Jwe {
  std::string protected_text;      ///< base64url of the header, as sent or received
  ByteVec encrypted_key;           ///< 40 bytes of ECDH-ES+A256KW, as long as the modulus of RSA
  std::optional<std::string> aad;  ///< base64url, as received; never sent
  ByteVec iv;                      ///< 12 bytes
  ByteVec sealed;                  ///< ciphertext followed by the 16 bytes of the tag
};

/// `{"protected":…,"encrypted_key":…,"iv":…,"ciphertext":…,"tag":…}`, `aad` before `iv` if any.
std::string to_json_text(const Jwe& jwe);

/// Reads the form above; unknown members are ignored. Only lengths that A256GCM fixes are checked.
/// Errors  jwe_malformed.
Result<Jwe> parse_jwe(std::string_view text);

/// The base64url text of a protected header: compact, `alg` first, `enc` second, then the rest
/// sorted by name. Guests re-serialise the header and use the outcome as additional data, so every
/// octet of this layout counts. Source: kbs.md 8.
std::string protected_text(std::string_view alg, std::string_view enc, json::Object more = {});

/// Where an encryption takes its fresh material from. Tests replace it to reproduce vectors.
class JweEntropy {
 public:
  virtual ~JweEntropy() = default;
  virtual SecretBytes content_key() = 0;  ///< 32 bytes, fresh
  virtual ByteArray<12> iv() = 0;         ///< never twice with one content key
  virtual Result<crypto::PrivateKey> ephemeral_key(crypto::Curve curve) = 0;  ///< fresh, on it
};

/// What keys a server encrypts to.
struct JwePolicy {
  bool rsa1_5 = false;  ///< PKCS#1 v1.5 for guests that ask for it
  std::size_t min_rsa_bits = kMinRsaBits;
};

/// A guest's key, checked once and ready for any number of encryptions. Copies share the key; safe
/// from many threads.
class Recipient {
 public:
  /// RSA with `RSA-OAEP-256` or, if the policy says so, `RSA1_5`; P-256 and P-521 with
  /// `ECDH-ES+A256KW`.
  /// Errors  jwe_algorithm_unsupported, jwe_algorithm_refused, rsa_key_too_small.
  /// Source  kbs.md 8.
  static Result<Recipient> create(crypto::PublicKey key, std::string_view alg,
                                  const JwePolicy& policy = {});

  /// That of the algorithm it was created with.
  KeyWrap key_wrap() const { return wrap_; }

  /// Encrypts with a fresh content key and IV and, for ECDH-ES, a fresh ephemeral key.
  /// Errors  crypto::library; crypto::unsupported for a plaintext that is too long;
  ///         crypto::key_malformed for an RSA key that cannot hold a content key, which only a
  ///         policy below 1024 bits lets in.
  /// Cost    one key generation and agreement, or one RSA public operation.
  Result<Jwe> encrypt(const SecretBytes& plaintext) const;
  /// The same with the material of `entropy`.
  Result<Jwe> encrypt(const SecretBytes& plaintext, JweEntropy& entropy) const;

 private:
  Recipient(crypto::PublicKey key, KeyWrap wrap) : key_(std::move(key)), wrap_(wrap) {}

  crypto::PublicKey key_;
  KeyWrap wrap_;
};

/// Decrypts with the key and the algorithm that was announced for it; the message's own algorithm
/// must agree. The additional data is the received `protected` text (and `aad`, RFC 7516 5.1).
/// A padding fault of RSA1_5 cannot be told from a wrong key: a random content key takes its place.
/// Errors  jwe_malformed, jwe_algorithm_mismatch (also where the key is not of its kind),
///         jwe_algorithm_unsupported (a key on no curve of the protocol),
///         content_encryption_unsupported, jwe_header_unsupported, ephemeral_key_mismatch,
///         encrypted_key_length, decryption_failed; of the ephemeral key jwk_malformed,
///         crypto::point_not_on_curve; crypto::library.
/// Source  client-and-guest.md 3.6.
Result<SecretBytes> decrypt(const Jwe& jwe, const crypto::PrivateKey& key, KeyWrap wrap);

}  // namespace trustee::jose
