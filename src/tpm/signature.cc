#include "tpm/signature.h"

#include <algorithm>
#include <string>

#include "base/cursor.h"
#include "base/try.h"
#include "tpm/algorithm.h"
#include "tpm/errors.h"

namespace trustee::tpm {

namespace {

Result<void> read_values(Cursor& c, Signature& signature) {
  switch (signature.scheme) {
    case Signature::Scheme::rsassa: {
      TRY(signature.rsa, read_sized(c, kMaxRsaSize));
      break;
    }
    case Signature::Scheme::ecdsa: {
      TRY(signature.r, read_sized(c, kMaxFieldSize));
      TRY(signature.s, read_sized(c, kMaxFieldSize));
      break;
    }
  }
  return c.finish();
}

crypto::SignatureScheme rsa_scheme(crypto::Hash hash) {
  switch (hash) {
    case crypto::Hash::sha384:
      return crypto::SignatureScheme::rs384;
    case crypto::Hash::sha512:
      return crypto::SignatureScheme::rs512;
    case crypto::Hash::sha256:
    case crypto::Hash::sm3:  // never read from the wire: hash_of knows SHA-2 alone
      break;
  }
  return crypto::SignatureScheme::rs256;
}

/// Appends `scalar` left-padded to `size`; false when it is longer.
bool append_padded(ByteVec& out, Bytes scalar, std::size_t size) {
  if (scalar.size() > size) return false;
  out.insert(out.end(), size - scalar.size(), 0);
  out.insert(out.end(), scalar.begin(), scalar.end());
  return true;
}

Result<void> verify_ecdsa(const crypto::PublicKey& key, const Signature& signature, Bytes message) {
  TRY(const crypto::Curve curve, key.curve());
  const std::size_t size = crypto::field_size(curve);
  ByteVec r_s;
  if (!append_padded(r_s, signature.r, size) || !append_padded(r_s, signature.s, size)) {
    return Error(Errc::signature_mismatch, "r or s is longer than the curve's field");
  }
  return key.verify_ecdsa_digest(crypto::digest(signature.hash, message), r_s);
}

Result<void> verify(const crypto::PublicKey& key, const Signature& signature, Bytes message) {
  switch (signature.scheme) {
    case Signature::Scheme::rsassa:
      return key.verify(rsa_scheme(signature.hash), message, signature.rsa);
    case Signature::Scheme::ecdsa:
      return verify_ecdsa(key, signature, message);
  }
  return Errc::signature_scheme_unsupported;
}

}  // namespace

Result<Signature> parse_signature(Bytes in) {
  Cursor c(in);
  const std::uint16_t scheme = c.u16be();
  const std::uint16_t hash = c.u16be();
  if (auto read = c.status(); !read.ok()) {
    return Error(Errc::signature_malformed, read.error().to_string());
  }
  if (scheme != kAlgRsassa && scheme != kAlgEcdsa) {
    return Error(Errc::signature_scheme_unsupported, "scheme " + std::to_string(scheme));
  }
  const auto known = hash_of(hash);
  if (!known.has_value()) {
    return Error(Errc::signature_scheme_unsupported, "hash " + std::to_string(hash));
  }
  Signature signature;
  signature.scheme = scheme == kAlgRsassa ? Signature::Scheme::rsassa : Signature::Scheme::ecdsa;
  signature.hash = *known;
  if (auto read = read_values(c, signature); !read.ok()) {
    return Error(Errc::signature_malformed, read.error().to_string());
  }
  return signature;
}

Result<void> check_signature(const crypto::PublicKey& key, const Signature& signature,
                             Bytes message) {
  auto verified = verify(key, signature, message);
  if (verified.ok() || verified.error().is(Errc::signature_mismatch)) return verified;
  return Error(Errc::signature_mismatch, verified.error().to_string());
}

Result<void> check_key_strength(const crypto::PublicKey& key) {
  if (key.type() != crypto::KeyType::rsa || key.bits() >= kMinRsaBits) return {};
  return Error(Errc::key_too_weak, std::to_string(key.bits()) + " bits");
}

}  // namespace trustee::tpm
