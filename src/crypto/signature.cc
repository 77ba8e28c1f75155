#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/algorithms.h"
#include "crypto/internal/ecdsa.h"
#include "crypto/key.h"

namespace trustee::crypto {
namespace {

enum class Padding : std::uint8_t { ecdsa, pkcs1, pss, none };

/// What a scheme asks of a key.
struct Rule {
  SignatureScheme scheme;
  Padding padding;
  Hash hash;
  Curve curve;  ///< of ECDSA
};
constexpr Rule kRules[] = {
    {SignatureScheme::es256, Padding::ecdsa, Hash::sha256, Curve::p256},
    {SignatureScheme::es384, Padding::ecdsa, Hash::sha384, Curve::p384},
    {SignatureScheme::rs256, Padding::pkcs1, Hash::sha256, {}},
    {SignatureScheme::rs384, Padding::pkcs1, Hash::sha384, {}},
    {SignatureScheme::rs512, Padding::pkcs1, Hash::sha512, {}},
    {SignatureScheme::ps256, Padding::pss, Hash::sha256, {}},
    {SignatureScheme::ps384, Padding::pss, Hash::sha384, {}},
    {SignatureScheme::ps512, Padding::pss, Hash::sha512, {}},
    {SignatureScheme::eddsa, Padding::none, Hash::sha512, {}},
};

/// A key that is restricted to RSASSA-PSS has another identifier.
bool is_plain_rsa(const PublicKey::State& key) {
  if (key.type != KeyType::rsa) return false;
  const Result<EVP_PKEY*> library_key = key.library_key();
  return library_key.ok() && EVP_PKEY_get_base_id(*library_key) == EVP_PKEY_RSA;
}

/// Errors: unsupported when `key` is not of the kind the scheme is for.
Result<Rule> rule_for(SignatureScheme scheme, const PublicKey::State& key) {
  for (const Rule& rule : kRules) {
    if (rule.scheme != scheme) continue;
    switch (rule.padding) {
      case Padding::ecdsa:
        if (key.curve == rule.curve) return rule;
        break;
      case Padding::pkcs1:
        if (is_plain_rsa(key)) return rule;
        break;
      case Padding::pss:
        if (key.type == KeyType::rsa) return rule;
        break;
      case Padding::none:
        if (key.type == KeyType::ed25519) return rule;
        break;
    }
  }
  return Error(Errc::unsupported, "signature scheme does not fit the key");
}

Result<KeyCtxHandle> context_for(EVP_PKEY* key) {
  return own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
}

/// A key that is restricted to RSASSA-PSS may be restricted to other parameters, too.
Result<void> parameter_set(EVP_PKEY_CTX* context, int rc) {
  const bool is_restricted =
      EVP_PKEY_get_base_id(EVP_PKEY_CTX_get0_pkey(context)) == EVP_PKEY_RSA_PSS;
  const bool is_refused =
      is_restricted && ERR_GET_REASON(ERR_peek_last_error()) != ERR_R_MALLOC_FAILURE;
  return ok(rc, is_refused ? Errc::unsupported : Errc::library);
}

Result<void> set_padding(EVP_PKEY_CTX* context, const Rule& rule) {
  EVP_MD* const md = algorithms().md(rule.hash);
  if (rule.padding == Padding::pkcs1) {
    TRY_VOID(ok(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING)));
    return ok(EVP_PKEY_CTX_set_signature_md(context, md));
  }
  TRY_VOID(ok(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING)));
  TRY_VOID(parameter_set(context, EVP_PKEY_CTX_set_signature_md(context, md)));
  TRY_VOID(parameter_set(context, EVP_PKEY_CTX_set_rsa_mgf1_md(context, md)));
  return parameter_set(context, EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST));
}

/// Source: RFC 8017 sections 8.1.2 and 8.2.2, step 1. The library checks it for PKCS#1 v1.5 only.
Result<void> verify_rsa(EVP_PKEY* key, const Rule& rule, Bytes message, Bytes signature) {
  TRY(const std::size_t size, rsa_output_size(key));
  if (signature.size() != size) {
    return Error(Errc::signature_invalid, "signature of wrong length");
  }
  TRY(const KeyCtxHandle context, context_for(key));
  TRY_VOID(ok(EVP_PKEY_verify_init(context.get())));
  TRY_VOID(set_padding(context.get(), rule));
  const Digest d = digest(rule.hash, message);
  return verdict(EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                 d.bytes().data(), d.size()));
}

Result<ByteVec> sign_rsa(EVP_PKEY* key, const Rule& rule, Bytes message) {
  TRY(const KeyCtxHandle context, context_for(key));
  TRY_VOID(ok(EVP_PKEY_sign_init(context.get())));
  TRY_VOID(set_padding(context.get(), rule));
  const Digest d = digest(rule.hash, message);
  TRY(std::size_t size, rsa_output_size(key));
  ByteVec out(size);
  TRY_VOID(ok(EVP_PKEY_sign(context.get(), out.data(), &size, d.bytes().data(), d.size())));
  TRY_VOID(cut(out, size));
  return out;
}

Result<void> verify_ed25519(EVP_PKEY* key, Bytes message, Bytes signature) {
  if (signature.size() != 64) return Error(Errc::signature_invalid, "signature of wrong length");
  TRY(const MdCtxHandle context, own<MdCtxHandle>(EVP_MD_CTX_new()));
  TRY_VOID(
      ok(EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr)));
  return verdict(EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                  message.size()));
}

Result<ByteVec> sign_ed25519(EVP_PKEY* key, Bytes message) {
  TRY(const MdCtxHandle context, own<MdCtxHandle>(EVP_MD_CTX_new()));
  TRY_VOID(
      ok(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr)));
  ByteVec out(64);
  std::size_t size = out.size();
  TRY_VOID(ok(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size())));
  TRUSTEE_CHECK(size == out.size());
  return out;
}

}  // namespace

Result<void> PublicKey::verify(SignatureScheme scheme, Bytes message, Bytes signature) const {
  TRY(const Rule rule, rule_for(scheme, *state_));
  if (rule.padding == Padding::ecdsa) {
    return ecdsa_verify(*state_, digest(rule.hash, message).bytes(), signature);
  }
  TRY(EVP_PKEY* const key, state_->library_key());
  if (rule.padding == Padding::none) return verify_ed25519(key, message, signature);
  return verify_rsa(key, rule, message, signature);
}

Result<void> PublicKey::verify_ecdsa_digest(const Digest& digest, Bytes r_s) const {
  return ecdsa_verify(*state_, digest.bytes(), r_s);
}

Result<void> PublicKey::verify_ecdsa_digest_openssl(const Digest& digest, Bytes r_s) const {
  return ecdsa_verify_openssl(*state_, digest.bytes(), r_s);
}

Result<ByteVec> PrivateKey::sign(SignatureScheme scheme, Bytes message) const {
  TRY(const Rule rule, rule_for(scheme, state_->public_key.state()));
  if (rule.padding == Padding::ecdsa) {
    return ecdsa_sign(*state_, digest(rule.hash, message).bytes());
  }
  TRY(EVP_PKEY* const key, state_->library_key());
  if (rule.padding == Padding::none) return sign_ed25519(key, message);
  return sign_rsa(key, rule, message);
}

}  // namespace trustee::crypto
