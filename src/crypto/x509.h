#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"

namespace trustee::crypto {

inline constexpr std::size_t kMaxCertificateSize = 64 * 1024;  ///< bytes of DER
inline constexpr std::size_t kMaxCrlSize = 4 * 1024 * 1024;    ///< bytes of DER

/// An X.509 certificate, parsed once. Copies share it; safe from many threads.
class Certificate {
 public:
  /// Limit: kMaxCertificateSize. Errors: certificate_malformed (also trailing bytes, also BER that
  /// is not DER around the signed part, which counts as it was received), unsupported (key type,
  /// curve by explicit parameters), key_malformed (RSA above 8192 bits, the point at infinity),
  /// library.
  static Result<Certificate> from_der(Bytes der);
  /// One certificate; the text must start at its PEM marker (leading white space allowed).
  static Result<Certificate> from_pem(std::string_view pem);
  /// All certificates of a PEM bundle in their order, at most `max`; none is an error. Lines
  /// between the blocks and blocks of other kinds are skipped.
  static Result<std::vector<Certificate>> bundle_from_pem(std::string_view pem,
                                                          std::size_t max = 64);

  const ByteVec& der() const;
  std::string pem() const;
  PublicKey public_key() const;
  std::string subject_common_name() const;  ///< the last CN, or empty
  std::string issuer_common_name() const;
  std::string subject() const;     ///< RFC 2253 one line, for people
  std::string serial_hex() const;  ///< lower case, no leading zeros but for 0
  Time not_before() const;
  Time not_after() const;
  bool is_ca() const;           ///< basicConstraints present with cA true
  bool is_self_issued() const;  ///< subject equals issuer
  /// Whether its issuer's name is the subject's name of `issuer`; says nothing of signatures.
  bool names_as_issuer(const Certificate& issuer) const;

  /// The extnValue content of the extension with this dotted OID, which must occur exactly once.
  /// Errors: extension_missing, extension_repeated, unsupported (no dotted OID).
  Result<ByteVec> extension(std::string_view oid) const;

  /// Only the signature, with the issuer's key: RSA-PKCS1, RSA-PSS, ECDSA, Ed25519 as the
  /// certificate's algorithm says. Errors: chain_broken, unsupported (also digests weaker than
  /// SHA-224, so SHA-1 and MD5).
  Result<void> check_signed_by(const PublicKey& issuer_key) const;
  /// notBefore <= t <= notAfter. Errors: certificate_expired, certificate_not_yet_valid.
  Result<void> check_valid_at(Time t) const;

  friend bool operator==(const Certificate& a, const Certificate& b);  ///< by DER

  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// A certificate revocation list. Limit: kMaxCrlSize.
class Crl {
 public:
  /// Errors: crl_malformed, unsupported (a critical extension: delta and indirect lists).
  static Result<Crl> from_der(Bytes der);
  static Result<Crl> from_pem(std::string_view pem);
  Time this_update() const;
  std::optional<Time> next_update() const;
  std::string issuer_common_name() const;
  /// As Certificate::names_as_issuer.
  bool names_as_issuer(const Certificate& issuer) const;
  /// As Certificate::extension, of the list (not of its entries).
  Result<ByteVec> extension(std::string_view oid) const;
  /// Only the signature. Errors: chain_broken, unsupported (as Certificate::check_signed_by).
  Result<void> check_signed_by(const PublicKey& issuer_key) const;
  /// Signature by the issuer's key and dates at `t`. Errors: chain_broken, unsupported,
  /// crl_not_yet_valid, crl_expired (also when it names no next update).
  Result<void> check(const PublicKey& issuer_key, Time t) const;
  /// Whether the certificate's serial number is listed. Names are not compared: `check` ties the
  /// list to the issuer's key.
  bool revokes(const Certificate& certificate) const;

  struct State;
  explicit Crl(std::shared_ptr<const State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<const State> state_;
};

/// Builds and verifies a chain from `leaf` over any of `untrusted` (in any order) to a self-issued
/// certificate among `roots`, at time `t`: signatures, validity times, CA flags, path length, no
/// critical extension unknown to the library. No partial chains, no purpose, no names, no
/// revocation. Keys and digests of less than 112 bits of security (RSA below 2048, SHA-1) are
/// refused with chain_broken, but for the digest of the root: who trusts it does not ask who signed
/// it. Cost: milliseconds; one attempt per root whose subject is an issuer of the others.
/// Errors: chain_broken, certificate_expired, certificate_not_yet_valid, not_a_ca, library.
Result<void> verify_chain(const Certificate& leaf, std::span<const Certificate> untrusted,
                          std::span<const Certificate> roots, Time t);

}  // namespace trustee::crypto
