#include "base/try.h"
#include "crypto/internal/algorithms.h"
#include "crypto/internal/keys.h"
#include "crypto/internal/secret_access.h"
#include "crypto/key.h"

namespace trustee::crypto {
namespace {

enum class Encryption : std::uint8_t { oaep256, pkcs1 };

Result<void> set_padding(EVP_PKEY_CTX* context, Encryption encryption) {
  switch (encryption) {
    case Encryption::pkcs1:
      return ok(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING));
    case Encryption::oaep256:
      TRY_VOID(ok(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING)));
      TRY_VOID(ok(EVP_PKEY_CTX_set_rsa_oaep_md(context, algorithms().md(Hash::sha256))));
      return ok(EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithms().md(Hash::sha256)));
  }
  return Errc::unsupported;
}

Result<KeyCtxHandle> context_for(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return Error(Errc::unsupported, "no RSA key");
  return own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
}

Result<ByteVec> encrypt(const Result<EVP_PKEY*>& library_key, Encryption encryption,
                        Bytes plaintext) {
  TRY(EVP_PKEY* const key, library_key);
  TRY(const KeyCtxHandle context, context_for(key));
  TRY_VOID(ok(EVP_PKEY_encrypt_init(context.get())));
  TRY_VOID(set_padding(context.get(), encryption));
  TRY(std::size_t size, rsa_output_size(key));
  ByteVec out(size);
  TRY_VOID(
      ok(EVP_PKEY_encrypt(context.get(), out.data(), &size, plaintext.data(), plaintext.size()),
         Errc::key_malformed));
  TRY_VOID(cut(out, size));
  return out;
}

Result<SecretBytes> decrypt(const Result<EVP_PKEY*>& library_key, Encryption encryption,
                            Bytes ciphertext) {
  TRY(EVP_PKEY* const key, library_key);
  TRY(const KeyCtxHandle context, context_for(key));
  TRY_VOID(ok(EVP_PKEY_decrypt_init(context.get())));
  TRY_VOID(set_padding(context.get(), encryption));
  TRY(std::size_t size, rsa_output_size(key));
  ByteVec out(size);
  Result<void> decrypted =
      ok(EVP_PKEY_decrypt(context.get(), out.data(), &size, ciphertext.data(), ciphertext.size()),
         Errc::decryption_failed);
  if (decrypted.ok()) decrypted = cut(out, size);
  SecretBytes plaintext(std::move(out));
  TRY_VOID(decrypted);
  return plaintext;
}

}  // namespace

Result<std::size_t> rsa_output_size(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits <= 0 || bits > kMaxRsaBits) return library_error(Errc::library);
  return (static_cast<std::size_t>(bits) + 7) / 8;
}

Result<ByteVec> PublicKey::rsa_oaep256_encrypt(const SecretBytes& plaintext) const {
  return encrypt(state_->library_key(), Encryption::oaep256,
                 SecretAccessForCrypto::bytes(plaintext));
}

Result<ByteVec> PublicKey::rsa_pkcs1_encrypt(const SecretBytes& plaintext) const {
  return encrypt(state_->library_key(), Encryption::pkcs1, SecretAccessForCrypto::bytes(plaintext));
}

Result<SecretBytes> PrivateKey::rsa_oaep256_decrypt(Bytes ciphertext) const {
  return decrypt(state_->library_key(), Encryption::oaep256, ciphertext);
}

Result<SecretBytes> PrivateKey::rsa_pkcs1_decrypt(Bytes ciphertext) const {
  return decrypt(state_->library_key(), Encryption::pkcs1, ciphertext);
}

}  // namespace trustee::crypto
