#include "crypto/symmetric.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/algorithms.h"
#include "crypto/internal/secret_access.h"

namespace trustee::crypto {
namespace {

/// The library counts in int; a resource is far below this.
constexpr std::size_t kMaxCipherInput = std::size_t{1} << 30;

std::array<std::uint8_t, 4> be32(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}

/// The library takes a null key to mean "the old one".
const std::uint8_t* never_null(Bytes b) {
  static constexpr std::uint8_t kNothing = 0;
  return b.empty() ? &kNothing : b.data();
}

ByteVec mac(EVP_MAC* algorithm, Bytes key, const OSSL_PARAM* params, std::size_t size,
            std::initializer_list<Bytes> parts) {
  const MacCtxHandle context(EVP_MAC_CTX_new(algorithm));
  TRUSTEE_CHECK(context != nullptr);
  TRUSTEE_CHECK(EVP_MAC_init(context.get(), never_null(key), key.size(), params) == 1);
  for (const Bytes part : parts) {
    TRUSTEE_CHECK(EVP_MAC_update(context.get(), part.data(), part.size()) == 1);
  }
  ByteVec out(size);
  std::size_t written = 0;
  TRUSTEE_CHECK(EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1);
  TRUSTEE_CHECK(written == size);
  return out;
}

/// Digests over secrets in a context of its own, which the library wipes.
class SecretDigest {
 public:
  explicit SecretDigest(Hash h) : hash_(h), context_(EVP_MD_CTX_new()) {
    TRUSTEE_CHECK(context_ != nullptr);
  }
  ByteVec of(Bytes first, std::initializer_list<Bytes> rest) {
    TRUSTEE_CHECK(EVP_DigestInit_ex2(context_.get(), algorithms().md(hash_), nullptr) == 1);
    add(first);
    for (const Bytes part : rest) {
      add(part);
    }
    ByteVec out(digest_size(hash_));
    TRUSTEE_CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }

 private:
  void add(Bytes part) {
    TRUSTEE_CHECK(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  }
  Hash hash_;
  MdCtxHandle context_;
};

std::size_t block_size(Hash h) {
  return h == Hash::sha384 || h == Hash::sha512 ? std::size_t{128} : std::size_t{64};
}

/// One of the two keys of RFC 2104.
SecretBytes masked(const SecretBytes& key, std::size_t block, std::uint8_t mask) {
  ByteVec out(block, mask);
  std::ranges::transform(SecretAccessForCrypto::bytes(key), out.begin(),
                         [mask](std::uint8_t b) { return static_cast<std::uint8_t>(b ^ mask); });
  return SecretBytes(std::move(out));
}

/// RFC 2104 over the library's digest. The library's own HMAC looks the digest up by name each
/// time, which costs more than a short message does.
ByteVec hmac_parts(Hash h, Bytes key, std::initializer_list<Bytes> parts) {
  const std::size_t block = block_size(h);
  SecretDigest digest(h);
  const SecretBytes short_key =
      key.size() > block ? SecretBytes(digest.of(key, {})) : secret_copy(key);
  const SecretBytes inner = masked(short_key, block, 0x36);
  const SecretBytes outer = masked(short_key, block, 0x5c);
  const SecretBytes inside(digest.of(SecretAccessForCrypto::bytes(inner), parts));
  return digest.of(SecretAccessForCrypto::bytes(outer), {SecretAccessForCrypto::bytes(inside)});
}

enum class Direction : int { open = 0, seal = 1 };

Result<CipherCtxHandle> gcm(Direction direction, Bytes key, Bytes iv, Bytes aad) {
  TRY(CipherCtxHandle context, own<CipherCtxHandle>(EVP_CIPHER_CTX_new()));
  TRY_VOID(ok(EVP_CipherInit_ex2(context.get(), algorithms().aes256_gcm.get(), key.data(),
                                 iv.data(), static_cast<int>(direction), nullptr)));
  int ignored = 0;
  if (!aad.empty()) {
    TRY_VOID(ok(EVP_CipherUpdate(context.get(), nullptr, &ignored, aad.data(),
                                 static_cast<int>(aad.size()))));
  }
  return context;
}

/// Runs `in` through `context` and finishes. Shape: as long as `in`.
Result<void> transform(EVP_CIPHER_CTX* context, Bytes in, std::uint8_t* out, Errc finish_code) {
  int n = 0;
  if (!in.empty()) {
    TRY_VOID(ok(EVP_CipherUpdate(context, out, &n, in.data(), static_cast<int>(in.size()))));
  }
  int rest = 0;
  std::array<std::uint8_t, 16> none{};
  TRY_VOID(ok(EVP_CipherFinal_ex(context, none.data(), &rest), finish_code));
  TRUSTEE_CHECK(static_cast<std::size_t>(n) == in.size() && rest == 0);
  return {};
}

const EVP_CIPHER* block_cipher(std::size_t key_size) {
  switch (key_size) {
    case 32:
      return algorithms().aes256_ecb.get();
    case 24:
      return algorithms().aes192_ecb.get();
    default:
      return nullptr;
  }
}

constexpr std::size_t kWrapUnit = 8;
constexpr int kWrapRounds = 6;
constexpr ByteArray<kWrapUnit> kWrapIv{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};

/// The 16 bytes that RFC 3394 sends through the cipher: A, then R[i]. Wiped at the end.
struct WrapBlock {
  WrapBlock() = default;
  WrapBlock(const WrapBlock&) = delete;
  WrapBlock& operator=(const WrapBlock&) = delete;
  ~WrapBlock() { wipe(bytes.data(), bytes.size()); }

  /// A ^= t, as big-endian numbers.
  void count(std::uint64_t t) {
    for (std::size_t i = kWrapUnit; i-- > 0; t >>= 8U) {
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ (t & 0xffU));
    }
  }
  ByteArray<2 * kWrapUnit> bytes{};
};

/// The rounds of RFC 3394 on A | R[1] | … | R[n], in place. The library's own key wrap sends each
/// block through tables, which is slow, and whose addresses depend on the key; its plain cipher
/// uses the processor's instructions.
Result<void> wrap_rounds(Direction direction, Bytes kek, ByteVec& registers) {
  const EVP_CIPHER* const cipher = block_cipher(kek.size());
  if (cipher == nullptr) return Error(Errc::key_malformed, "key encryption key of wrong length");
  TRY(const CipherCtxHandle context, own<CipherCtxHandle>(EVP_CIPHER_CTX_new()));
  TRY_VOID(ok(EVP_CipherInit_ex2(context.get(), cipher, kek.data(), nullptr,
                                 static_cast<int>(direction), nullptr)));
  TRY_VOID(ok(EVP_CIPHER_CTX_set_padding(context.get(), 0)));
  const std::size_t n = registers.size() / kWrapUnit - 1;
  const std::uint64_t steps = std::uint64_t{n} * kWrapRounds;
  WrapBlock block;
  auto* const a = block.bytes.data();
  std::copy_n(registers.data(), kWrapUnit, a);
  for (std::uint64_t step = 0; step < steps; ++step) {
    const std::uint64_t t = direction == Direction::seal ? step + 1 : steps - step;
    std::uint8_t* const r = registers.data() + ((t - 1) % n + 1) * kWrapUnit;
    std::copy_n(r, kWrapUnit, a + kWrapUnit);
    if (direction == Direction::open) block.count(t);
    int written = 0;
    TRY_VOID(ok(EVP_CipherUpdate(context.get(), a, &written, a, 2 * kWrapUnit)));
    TRUSTEE_CHECK(written == 2 * kWrapUnit);
    if (direction == Direction::seal) block.count(t);
    std::copy_n(a + kWrapUnit, kWrapUnit, r);
  }
  std::copy_n(a, kWrapUnit, registers.data());
  return {};
}

bool is_wrappable(std::size_t n) { return n >= 16 && n % 8 == 0 && n <= kMaxCipherInput; }

}  // namespace

ByteVec hmac(Hash h, const SecretBytes& key, Bytes data) {
  return hmac_parts(h, SecretAccessForCrypto::bytes(key), {data});
}

SecretBytes hkdf(Hash h, const SecretBytes& key, Bytes salt, std::string_view info,
                 std::size_t size) {
  TRUSTEE_CHECK(size <= 255 * digest_size(h));
  const SecretBytes prk(hmac_parts(h, salt, {SecretAccessForCrypto::bytes(key)}));
  ByteVec out;
  out.reserve(size);
  SecretBytes block;
  for (std::uint8_t i = 1; out.size() < size; ++i) {
    const ByteArray<1> counter{i};
    block = SecretBytes(hmac_parts(h, SecretAccessForCrypto::bytes(prk),
                                   {SecretAccessForCrypto::bytes(block), as_bytes(info), counter}));
    const ByteVec& bytes = SecretAccessForCrypto::bytes(block);
    const std::size_t n = std::min(bytes.size(), size - out.size());
    out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return SecretBytes(std::move(out));
}

SecretBytes kmac256(const SecretBytes& key, std::string_view customization, Bytes data,
                    std::size_t size) {
  std::string custom(customization);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_CUSTOM, custom.data(), custom.size()),
      OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size), OSSL_PARAM_construct_end()};
  return SecretBytes(
      mac(algorithms().kmac256.get(), SecretAccessForCrypto::bytes(key), params, size, {data}));
}

Result<ByteVec> aes256_gcm_seal(const SecretBytes& key, Bytes iv, Bytes aad, Bytes plaintext) {
  if (key.size() != 32) return Error(Errc::key_malformed, "AES-256 key of wrong length");
  if (iv.size() != kGcmIvSize) return Error(Errc::unsupported, "GCM IV of wrong length");
  if (plaintext.size() > kMaxCipherInput || aad.size() > kMaxCipherInput) {
    return Error(Errc::unsupported, "input too long");
  }
  TRY(const CipherCtxHandle context,
      gcm(Direction::seal, SecretAccessForCrypto::bytes(key), iv, aad));
  ByteVec out(plaintext.size() + kGcmTagSize);
  TRY_VOID(transform(context.get(), plaintext, out.data(), Errc::library));
  TRY_VOID(ok(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, int{kGcmTagSize},
                                  out.data() + plaintext.size())));
  return out;
}

Result<ByteVec> aes256_gcm_seal(const SecretBytes& key, Bytes iv, Bytes aad,
                                const SecretBytes& plaintext) {
  return aes256_gcm_seal(key, iv, aad, Bytes(SecretAccessForCrypto::bytes(plaintext)));
}

Result<SecretBytes> aes256_gcm_open(const SecretBytes& key, Bytes iv, Bytes aad,
                                    Bytes ciphertext_and_tag) {
  if (key.size() != 32 || iv.size() != kGcmIvSize || ciphertext_and_tag.size() < kGcmTagSize ||
      ciphertext_and_tag.size() > kMaxCipherInput || aad.size() > kMaxCipherInput) {
    return Error(Errc::decryption_failed, "a length is wrong");
  }
  TRY(const CipherCtxHandle context,
      gcm(Direction::open, SecretAccessForCrypto::bytes(key), iv, aad));
  const Bytes body = ciphertext_and_tag.first(ciphertext_and_tag.size() - kGcmTagSize);
  auto tag = regularised<kGcmTagSize>(ciphertext_and_tag.last(kGcmTagSize));
  TRY_VOID(
      ok(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int{kGcmTagSize}, tag.data())));
  // Unauthenticated plaintext lives in a secret from the start: it is wiped when the tag is wrong.
  std::vector<std::uint8_t> buffer(body.size());
  const Result<void> opened =
      transform(context.get(), body, buffer.data(), Errc::decryption_failed);
  SecretBytes plaintext(std::move(buffer));
  TRY_VOID(opened);
  return plaintext;
}

Result<ByteVec> aes_key_wrap(const SecretBytes& key_encryption_key, const SecretBytes& key) {
  if (!is_wrappable(key.size())) return Error(Errc::key_malformed, "key of wrong length to wrap");
  const ByteVec& bytes = SecretAccessForCrypto::bytes(key);
  ByteVec registers;
  registers.reserve(kWrapUnit + bytes.size());
  registers.assign(kWrapIv.begin(), kWrapIv.end());
  registers.insert(registers.end(), bytes.begin(), bytes.end());
  const Result<void> wrapped =
      wrap_rounds(Direction::seal, SecretAccessForCrypto::bytes(key_encryption_key), registers);
  if (!wrapped.ok()) {
    wipe(registers.data(), registers.size());
    return wrapped.error();
  }
  return registers;
}

Result<SecretBytes> aes_key_unwrap(const SecretBytes& key_encryption_key, Bytes wrapped) {
  if (wrapped.size() < 24 || !is_wrappable(wrapped.size() - kWrapUnit)) {
    return Error(Errc::decryption_failed, "wrapped key of wrong length");
  }
  ByteVec registers = to_vec(wrapped);
  const Result<void> opened =
      wrap_rounds(Direction::open, SecretAccessForCrypto::bytes(key_encryption_key), registers);
  const SecretBytes unwrapped(std::move(registers));
  TRY_VOID(opened);
  const Bytes bytes = SecretAccessForCrypto::bytes(unwrapped);
  if (!equal_ct(bytes.first(kWrapUnit), kWrapIv)) return Errc::decryption_failed;
  return secret_copy(bytes.subspan(kWrapUnit));
}

SecretBytes concat_kdf(const SecretBytes& z, std::string_view algorithm, std::uint32_t bits) {
  TRUSTEE_CHECK(bits % 8 == 0);
  const std::size_t size = bits / 8;
  const auto algorithm_size = be32(static_cast<std::uint32_t>(algorithm.size()));
  const auto empty_party = be32(0);
  const auto key_bits = be32(bits);
  SecretDigest digest(Hash::sha256);
  ByteVec out;
  out.reserve(size);
  for (std::uint32_t round = 1; out.size() < size; ++round) {
    const SecretBytes block(
        digest.of(be32(round), {SecretAccessForCrypto::bytes(z), algorithm_size,
                                as_bytes(algorithm), empty_party, empty_party, key_bits}));
    const ByteVec& bytes = SecretAccessForCrypto::bytes(block);
    const std::size_t n = std::min(bytes.size(), size - out.size());
    out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
  }
  return SecretBytes(std::move(out));
}

}  // namespace trustee::crypto
