// Makes every call into the library fail once: the n-th allocation of an operation gives nothing,
// for each n. What then comes back must be an error or, where the library did without, the right
// answer; nothing may crash, and nothing bad may pass as good.
#include <cstdlib>
#include <functional>

#include "crypto/internal/algorithms.h"
#include "crypto/internal/ecdsa.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"
#include "crypto/testdata.h"
#include "crypto/x509.h"

namespace trustee::crypto {
namespace {

constexpr long kNever = -1;
thread_local long g_until_failure = kNever;
thread_local long g_allocations = 0;

/// digest() cannot fail by contract; the library allocates once per digest, here.
bool is_digest(const char* file) {
  return file != nullptr && std::string_view(file).find("digests/") != std::string_view::npos;
}

bool fails_now(const char* file) {
  if (is_digest(file)) return false;
  ++g_allocations;
  if (g_until_failure == kNever) return false;
  return g_until_failure-- == 0;
}
void* allocate(std::size_t size, const char* file, int) {
  return fails_now(file) ? nullptr : std::malloc(size);
}
void* reallocate(void* p, std::size_t size, const char* file, int) {
  return fails_now(file) ? nullptr : std::realloc(p, size);
}
void release(void* p, const char*, int) { std::free(p); }

// Before main, as the library accepts it before its first allocation only.
const bool g_installed = CRYPTO_set_mem_functions(&allocate, &reallocate, &release) == 1;

enum class Outcome : std::uint8_t { right, refused, wrong };

template <class T>
Outcome outcome(const Result<T>& result, const std::function<bool(const T&)>& is_right) {
  if (!result.ok()) return Outcome::refused;
  return is_right(*result) ? Outcome::right : Outcome::wrong;
}
Outcome outcome(const Result<void>& result) {
  return result.ok() ? Outcome::right : Outcome::refused;
}
/// For what must never succeed.
Outcome never(const Result<void>& result) {
  return result.ok() ? Outcome::wrong : Outcome::refused;
}

/// The allocations to disturb: the first and last hundred, and some between them. Arithmetic makes
/// thousands that differ in nothing.
std::vector<long> chosen(long total) {
  constexpr long kEnds = 100;
  const long step = std::max(1L, total / 100);
  std::vector<long> out;
  for (long n = 0; n < total; n += n < kEnds || n >= total - kEnds ? 1 : step) out.push_back(n);
  return out;
}

/// Runs `operation` once undisturbed and then with each of its allocations failing. `prepare` makes
/// its input anew each time, so that nothing is cached in it.
template <class Input>
void sweep(const char* name, const std::function<Input()>& prepare,
           const std::function<Outcome(const Input&)>& operation, Outcome undisturbed) {
  ASSERT_TRUE(g_installed);
  EXPECT_EQ(operation(prepare()), undisturbed) << name;
  const Input counted = prepare();
  g_allocations = 0;
  EXPECT_EQ(operation(counted), undisturbed) << name;
  EXPECT_EQ(ERR_peek_error(), 0u) << name << " leaves errors in the queue";
  const long total = g_allocations;
  EXPECT_GT(total, 0) << name;
  int refused = 0;
  for (const long n : chosen(total)) {
    const Input input = prepare();
    g_until_failure = n;
    const Outcome got = operation(input);
    g_until_failure = kNever;
    EXPECT_NE(got, Outcome::wrong) << name << ", allocation " << n;
    if (got == Outcome::refused) ++refused;
    // The library leaves errors behind when it could do without the memory.
    (void)drain_errors();
  }
  EXPECT_GT(refused, 0) << name;
  // Nothing was damaged for later.
  EXPECT_EQ(operation(prepare()), undisturbed) << name;
}

constexpr std::string_view kMessage = "signed by another implementation";
const Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 6 / 1);

TEST(FailedAllocation, in_parsing_keys_is_an_error) {
  for (const char* file : {"p256.spki.pem", "rsa2048.spki.pem", "ed25519.spki.pem"}) {
    sweep<std::string>(
        file, [&] { return testdata(file); },
        [](const std::string& pem) {
          const auto key = PublicKey::from_pem(pem);
          return outcome<PublicKey>(key, [](const PublicKey& k) { return k.bits() >= 253; });
        },
        Outcome::right);
  }
  for (const char* file : {"p256.pkcs8.pem", "p521.sec1.pem", "rsa2048.pkcs1.pem"}) {
    sweep<std::string>(
        file, [&] { return testdata(file); },
        [](const std::string& pem) {
          const auto key = PrivateKey::from_pem(SecretText(std::string(pem)));
          return outcome<PrivateKey>(key, [](const PrivateKey&) { return true; });
        },
        Outcome::right);
  }
}

TEST(FailedAllocation, in_making_keys_is_an_error) {
  sweep<Curve>(
      "from_ec_point", [] { return Curve::p384; },
      [x = expected("p384", "x"), y = expected("p384", "y")](const Curve& c) {
        return outcome<PublicKey>(PublicKey::from_ec_point(c, x, y),
                                  [](const PublicKey&) { return true; });
      },
      Outcome::right);
  sweep<int>(
      "from_rsa", [] { return 0; },
      [n = expected("rsa2048", "n"), e = expected("rsa2048", "e")](const int&) {
        return outcome<PublicKey>(PublicKey::from_rsa(n, e),
                                  [&](const PublicKey& k) { return k.bits() == 2048; });
      },
      Outcome::right);
  sweep<Curve>(
      "generate_ec", [] { return Curve::p256; },
      [](const Curve& c) {
        return outcome<PrivateKey>(PrivateKey::generate_ec(c),
                                   [](const PrivateKey&) { return true; });
      },
      Outcome::right);
  sweep<int>(
      "generate_ed25519", [] { return 0; },
      [](const int&) {
        return outcome<PrivateKey>(PrivateKey::generate_ed25519(),
                                   [](const PrivateKey&) { return true; });
      },
      Outcome::right);
}

TEST(FailedAllocation, in_verifying_is_an_error_and_never_a_good_verdict) {
  const struct {
    SignatureScheme scheme;
    const char *key, *name, *field;
  } cases[] = {{SignatureScheme::rs256, "rsa2048.spki.pem", "rsa2048", "rs256"},
               {SignatureScheme::ps384, "rsa2048.spki.pem", "rsa2048", "ps384"},
               {SignatureScheme::eddsa, "ed25519.spki.pem", "ed25519", "signature"}};
  for (const auto& c : cases) {
    const ByteVec good = expected(c.name, c.field);
    ByteVec bad = good;
    bad[20] ^= 1;
    const auto key = [&] { return public_key(c.key).value(); };
    sweep<PublicKey>(
        c.field, key,
        [&](const PublicKey& k) { return outcome(k.verify(c.scheme, as_bytes(kMessage), good)); },
        Outcome::right);
    sweep<PublicKey>(
        c.field, key,
        [&](const PublicKey& k) { return never(k.verify(c.scheme, as_bytes(kMessage), bad)); },
        Outcome::refused);
  }
}

TEST(FailedAllocation, in_ecdsa_through_openssl_is_an_error_and_never_a_good_verdict) {
  const Digest d = digest(Hash::sha512, as_bytes(kMessage));
  const ByteVec good = expected("p521", "signature");
  ByteVec bad = good;
  bad[20] ^= 1;
  const auto key = [] {
    return PublicKey::from_ec_point(Curve::p521, expected("p521", "x"), expected("p521", "y"))
        .value();
  };
  sweep<PublicKey>(
      "p521 good", key, [&](const PublicKey& k) { return outcome(k.verify_ecdsa_digest(d, good)); },
      Outcome::right);
  sweep<PublicKey>(
      "p521 bad", key, [&](const PublicKey& k) { return never(k.verify_ecdsa_digest(d, bad)); },
      Outcome::refused);
  sweep<PrivateKey>(
      "p521 sign", [] { return private_key("p521.pkcs8.pem").value(); },
      [&](const PrivateKey& k) {
        return outcome<ByteVec>(ecdsa_sign(k.state(), d.bytes()),
                                [](const ByteVec& s) { return s.size() == 132; });
      },
      Outcome::right);
}

TEST(FailedAllocation, in_agreeing_signing_and_decrypting_is_an_error) {
  sweep<PrivateKey>(
      "ecdh", [] { return private_key("p256.pkcs8.pem").value(); },
      [peer = PublicKey::from_ec_point(Curve::p256, expected("p256-peer", "x"),
                                       expected("p256-peer", "y"))
                  .value(),
       shared = expected("p256", "shared")](const PrivateKey& k) {
        return outcome<SecretBytes>(k.ecdh(peer),
                                    [&](const SecretBytes& s) { return opened(s) == shared; });
      },
      Outcome::right);
  const auto rsa = [] { return private_key("rsa2048.pkcs8.pem").value(); };
  sweep<PrivateKey>(
      "rs256", rsa,
      [signature = expected("rsa2048", "rs256")](const PrivateKey& k) {
        return outcome<ByteVec>(k.sign(SignatureScheme::rs256, as_bytes(kMessage)),
                                [&](const ByteVec& s) { return s == signature; });
      },
      Outcome::right);
  sweep<PrivateKey>(
      "oaep256", rsa,
      [sealed = expected("rsa2048", "oaep256")](const PrivateKey& k) {
        return outcome<SecretBytes>(k.rsa_oaep256_decrypt(sealed), [](const SecretBytes& s) {
          return opened(s) == ByteVec(32, 11);
        });
      },
      Outcome::right);
  sweep<PrivateKey>(
      "oaep256 encryption", rsa,
      [](const PrivateKey& k) {
        const SecretBytes cek(ByteVec(32, 11));
        return outcome<ByteVec>(k.public_key().rsa_oaep256_encrypt(cek),
                                [](const ByteVec& s) { return s.size() == 256; });
      },
      Outcome::right);
}

TEST(FailedAllocation, in_ciphers_is_an_error) {
  const SecretBytes key(bytes_from(0, 32));
  const ByteVec iv(12, 0);
  const ByteVec sealed = aes256_gcm_seal(key, iv, {}, as_bytes(kMessage)).value();
  const ByteVec wrapped = aes_key_wrap(key, key).value();
  ByteVec changed = sealed;
  changed[0] ^= 1;
  const auto nothing = [] { return 0; };
  sweep<int>(
      "seal", nothing,
      [&](const int&) {
        return outcome<ByteVec>(aes256_gcm_seal(key, iv, {}, as_bytes(kMessage)),
                                [&](const ByteVec& s) { return s == sealed; });
      },
      Outcome::right);
  sweep<int>(
      "open", nothing,
      [&](const int&) {
        return outcome<SecretBytes>(aes256_gcm_open(key, iv, {}, sealed), [](const SecretBytes& s) {
          return opened(s) == to_vec(as_bytes(kMessage));
        });
      },
      Outcome::right);
  sweep<int>(
      "open changed", nothing,
      [&](const int&) {
        return outcome<SecretBytes>(aes256_gcm_open(key, iv, {}, changed),
                                    [](const SecretBytes&) { return false; });
      },
      Outcome::refused);
  sweep<int>(
      "unwrap", nothing,
      [&](const int&) {
        return outcome<SecretBytes>(aes_key_unwrap(key, wrapped), [](const SecretBytes& s) {
          return opened(s) == bytes_from(0, 32);
        });
      },
      Outcome::right);
}

TEST(FailedAllocation, in_parsing_certificates_and_lists_is_an_error) {
  sweep<std::string>(
      "certificate", [] { return testdata("leaf-extensions.pem"); },
      [](const std::string& pem) {
        return outcome<Certificate>(Certificate::from_pem(pem), [](const Certificate& c) {
          return c.public_key().curve().ok();
        });
      },
      Outcome::right);
  sweep<std::string>(
      "list", [] { return testdata("crl.pem"); },
      [](const std::string& pem) {
        return outcome<Crl>(Crl::from_pem(pem),
                            [](const Crl& crl) { return crl.next_update().has_value(); });
      },
      Outcome::right);
}

TEST(FailedAllocation, in_chains_and_lists_is_never_a_good_verdict) {
  const auto parsed = [](std::initializer_list<const char*> names) {
    std::vector<Certificate> out;
    for (const char* name : names) out.push_back(certificate(name));
    return out;
  };
  using Chain = std::vector<Certificate>;  // leaf, others, root
  const auto verify = [](const Chain& c) {
    return verify_chain(c.front(), std::span(c).subspan(1, c.size() - 2), std::span(c).last(1),
                        kNow);
  };
  sweep<Chain>(
      "chain", [&] { return parsed({"leaf", "int-a", "int-b", "root"}); },
      [&](const Chain& c) { return outcome(verify(c)); }, Outcome::right);
  for (const auto& names : {std::initializer_list<const char*>{"leaf-of-no-ca", "no-ca", "root"},
                            {"leaf-expired", "root"},
                            {"leaf-of-root", "decoy-twin"},
                            {"leaf-critical", "root"},
                            {"leaf-below-path-0", "path-0", "below-path-0", "root"}}) {
    sweep<Chain>(
        *names.begin(), [&] { return parsed(names); },
        [&](const Chain& c) { return never(verify(c)); }, Outcome::refused);
  }
  sweep<Chain>(
      "signature", [&] { return parsed({"leaf-of-root", "root"}); },
      [](const Chain& c) { return outcome(c.front().check_signed_by(c.back().public_key())); },
      Outcome::right);
  sweep<Chain>(
      "signature of another", [&] { return parsed({"leaf-of-root", "decoy-twin"}); },
      [](const Chain& c) { return never(c.front().check_signed_by(c.back().public_key())); },
      Outcome::refused);
  sweep<Crl>(
      "list of another", [] { return Crl::from_pem(testdata("crl-twin.pem")).value(); },
      [root = certificate("root")](const Crl& crl) {
        return never(crl.check(root.public_key(), kNow));
      },
      Outcome::refused);
}

}  // namespace
}  // namespace trustee::crypto
