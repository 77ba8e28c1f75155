#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/digest.h"

namespace trustee::crypto {

enum class Curve : std::uint8_t { p256, p384, p521 };
std::size_t field_size(Curve c);  ///< bytes of one coordinate: 32, 48, 66

enum class KeyType : std::uint8_t { ec, rsa, ed25519 };

/// How a signature is made; the caller takes it from the key and its rule, never from the message.
enum class SignatureScheme : std::uint8_t {
  es256,  ///< ECDSA P-256 SHA-256, r||s of 64 bytes
  es384,  ///< ECDSA P-384 SHA-384, r||s of 96 bytes
  rs256,
  rs384,
  rs512,  ///< RSASSA-PKCS1-v1_5
  ps256,
  ps384,
  ps512,  ///< RSASSA-PSS, salt as long as the digest, MGF1 with the same digest
  eddsa,  ///< Ed25519, 64 bytes
};

/// A public key, parsed and checked once. Copies share the key; safe from many threads.
/// ECDSA P-256 and P-384 verify through AWS-LC, everything else through OpenSSL.
class PublicKey {
 public:
  /// `x`, `y` exactly field_size bytes. Errors: key_malformed, point_not_on_curve.
  static Result<PublicKey> from_ec_point(Curve curve, Bytes x, Bytes y);
  /// Big-endian modulus and exponent. Errors: key_malformed (modulus above 4096 bits, exponent
  /// outside 2…2^33-1).
  static Result<PublicKey> from_rsa(Bytes n, Bytes e);
  static Result<PublicKey> from_ed25519(Bytes key);
  /// SubjectPublicKeyInfo or PKCS#1 RSAPublicKey in PEM. Errors: key_malformed.
  static Result<PublicKey> from_pem(std::string_view pem);
  /// DER SubjectPublicKeyInfo.
  static Result<PublicKey> from_spki(Bytes der);

  KeyType type() const;
  Result<Curve> curve() const;   ///< unsupported unless EC P-256/384/521
  Result<ByteVec> ec_x() const;  ///< left-padded to field_size
  Result<ByteVec> ec_y() const;
  Result<ByteVec> rsa_n() const;  ///< no leading zero
  Result<ByteVec> rsa_e() const;
  Result<ByteVec> ed25519() const;
  std::size_t bits() const;
  /// DER. Equal keys have equal bytes, whatever form they came in; not so on curves the protocol
  /// does not use, which keep their form.
  ByteVec spki() const;
  friend bool operator==(const PublicKey& a, const PublicKey& b);

  /// Errors: signature_invalid (also wrong length); unsupported when the scheme does not fit the
  /// key; library.
  Result<void> verify(SignatureScheme scheme, Bytes message, Bytes signature) const;
  /// ECDSA over a digest computed elsewhere; signature r||s, big-endian halves of field_size.
  Result<void> verify_ecdsa_digest(const Digest& digest, Bytes r_s) const;
  /// The same through OpenSSL, for the cross-check in tests.
  Result<void> verify_ecdsa_digest_openssl(const Digest& digest, Bytes r_s) const;

  /// RSAES. `oaep256`: SHA-256 for hash and MGF1, empty label. Errors: key_malformed (too short).
  Result<ByteVec> rsa_oaep256_encrypt(const SecretBytes& plaintext) const;
  Result<ByteVec> rsa_pkcs1_encrypt(const SecretBytes& plaintext) const;

  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// A private key. Copies share the key; safe from many threads; wiped by the library when it goes.
class PrivateKey {
 public:
  static Result<PrivateKey> generate_ec(Curve curve);
  static Result<PrivateKey> generate_rsa(int bits);
  static Result<PrivateKey> generate_ed25519();
  /// PKCS#8, SEC1 EC or PKCS#1 RSA in PEM, unencrypted. Errors: key_malformed, unsupported.
  static Result<PrivateKey> from_pem(const SecretText& pem);

  PublicKey public_key() const;
  KeyType type() const;
  /// PKCS#8 PEM.
  SecretText to_pem() const;

  /// ECDSA signatures are r||s. Errors: unsupported when the scheme does not fit the key.
  Result<ByteVec> sign(SignatureScheme scheme, Bytes message) const;
  /// The x coordinate of the shared point, left-padded to field_size. Errors: unsupported (other
  /// curve), library.
  Result<SecretBytes> ecdh(const PublicKey& peer) const;
  /// Errors: decryption_failed.
  Result<SecretBytes> rsa_oaep256_decrypt(Bytes ciphertext) const;
  /// Implicit rejection is the caller's: on any padding fault this returns decryption_failed, so
  /// use it in the client only (product page section 12).
  Result<SecretBytes> rsa_pkcs1_decrypt(Bytes ciphertext) const;

  struct State;
  explicit PrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

}  // namespace trustee::crypto
