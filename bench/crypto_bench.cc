// What the hot paths of the services pay for cryptography, one thread.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "crypto/key.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"
#include "crypto/x509.h"

namespace trustee::crypto {
namespace {

constexpr std::string_view kMessage = "a token of some hundred bytes stands here in life";

struct Signed {
  PrivateKey key;
  Digest digest;
  ByteVec signature;
};

Signed signed_with(Curve curve) {
  const bool is_p256 = curve == Curve::p256;
  PrivateKey key = PrivateKey::generate_ec(curve).value();
  ByteVec signature =
      key.sign(is_p256 ? SignatureScheme::es256 : SignatureScheme::es384, as_bytes(kMessage))
          .value();
  const Digest d = digest(is_p256 ? Hash::sha256 : Hash::sha384, as_bytes(kMessage));
  return {std::move(key), d, std::move(signature)};
}

void sign(benchmark::State& state, Curve curve) {
  const Signed s = signed_with(curve);
  const auto scheme = curve == Curve::p256 ? SignatureScheme::es256 : SignatureScheme::es384;
  for (auto _ : state) {
    benchmark::DoNotOptimize(s.key.sign(scheme, as_bytes(kMessage)));
  }
}
BENCHMARK_CAPTURE(sign, p256, Curve::p256);
BENCHMARK_CAPTURE(sign, p384, Curve::p384);

template <auto kVerify>
void verify_by(benchmark::State& state, Curve curve) {
  const Signed s = signed_with(curve);
  const PublicKey key = s.key.public_key();
  for (auto _ : state) {
    TRUSTEE_CHECK((key.*kVerify)(s.digest, s.signature).ok());
  }
}
constexpr auto verify = verify_by<&PublicKey::verify_ecdsa_digest>;
constexpr auto verify_openssl = verify_by<&PublicKey::verify_ecdsa_digest_openssl>;
BENCHMARK_CAPTURE(verify, p256, Curve::p256);
BENCHMARK_CAPTURE(verify, p384, Curve::p384);
BENCHMARK_CAPTURE(verify_openssl, p256, Curve::p256);
BENCHMARK_CAPTURE(verify_openssl, p384, Curve::p384);

void rs256(benchmark::State& state) {
  const PrivateKey key = PrivateKey::generate_rsa(2048).value();
  const ByteVec signature = key.sign(SignatureScheme::rs256, as_bytes(kMessage)).value();
  const PublicKey verifier = key.public_key();
  for (auto _ : state) {
    TRUSTEE_CHECK(verifier.verify(SignatureScheme::rs256, as_bytes(kMessage), signature).ok());
  }
}
BENCHMARK(rs256);

/// A key is made and parsed as it arrives in a request.
void parse_point(benchmark::State& state, Curve curve) {
  const PublicKey key = PrivateKey::generate_ec(curve).value().public_key();
  const ByteVec x = key.ec_x().value();
  const ByteVec y = key.ec_y().value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(PublicKey::from_ec_point(curve, x, y));
  }
}
BENCHMARK_CAPTURE(parse_point, p256, Curve::p256);
BENCHMARK_CAPTURE(parse_point, p384, Curve::p384);

void generate(benchmark::State& state, Curve curve) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(PrivateKey::generate_ec(curve));
  }
}
BENCHMARK_CAPTURE(generate, p256, Curve::p256);

void agree(benchmark::State& state, Curve curve) {
  const PublicKey peer = PrivateKey::generate_ec(curve).value().public_key();
  const PrivateKey own = PrivateKey::generate_ec(curve).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(own.ecdh(peer));
  }
}
BENCHMARK_CAPTURE(agree, p256, Curve::p256);

/// The floor of a resource request: parse the guest's key, make an ephemeral one, agree.
void key_agreement(benchmark::State& state) {
  const PublicKey guest = PrivateKey::generate_ec(Curve::p256).value().public_key();
  const ByteVec x = guest.ec_x().value();
  const ByteVec y = guest.ec_y().value();
  for (auto _ : state) {
    const PublicKey peer = PublicKey::from_ec_point(Curve::p256, x, y).value();
    const PrivateKey ephemeral = PrivateKey::generate_ec(Curve::p256).value();
    benchmark::DoNotOptimize(ephemeral.public_key().ec_x());
    benchmark::DoNotOptimize(ephemeral.public_key().ec_y());
    benchmark::DoNotOptimize(ephemeral.ecdh(peer));
  }
}
BENCHMARK(key_agreement);

void gcm_seal(benchmark::State& state) {
  const SecretBytes key = random_secret(32);
  const ByteVec iv = random_vec(kGcmIvSize);
  const ByteVec plaintext = random_vec(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(aes256_gcm_seal(key, iv, as_bytes(kMessage), plaintext));
  }
}
BENCHMARK(gcm_seal)->Arg(64)->Arg(4096);

void key_wrap(benchmark::State& state) {
  const SecretBytes kek = random_secret(32);
  const SecretBytes key = random_secret(32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(aes_key_wrap(kek, key));
  }
}
BENCHMARK(key_wrap);

void concat_kdf_256(benchmark::State& state) {
  const SecretBytes z = random_secret(32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(concat_kdf(z, "ECDH-ES+A256KW", 256));
  }
}
BENCHMARK(concat_kdf_256);

void hkdf_sha256(benchmark::State& state) {
  const SecretBytes key = random_secret(32);
  const ByteVec salt = random_vec(24);
  for (auto _ : state) {
    benchmark::DoNotOptimize(hkdf(Hash::sha256, key, salt, "cookie", 32));
  }
}
BENCHMARK(hkdf_sha256);

void digest_of(benchmark::State& state, Hash h) {
  const ByteVec data = random_vec(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(digest(h, data));
  }
}
BENCHMARK_CAPTURE(digest_of, sha256, Hash::sha256)->Arg(64)->Arg(4096);
BENCHMARK_CAPTURE(digest_of, sha384, Hash::sha384)->Arg(64)->Arg(4096);

void random_iv(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(random_vec(12));
  }
}
BENCHMARK(random_iv);

void parse_certificate(benchmark::State& state) {
  const std::string text = [] {
    std::string out;
    if (std::FILE* f = std::fopen("tests/vectors/amd-certs/milan_ask_ark_asvk.pem", "r")) {
      char buffer[4096];
      while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, f)) out.append(buffer, n);
      std::fclose(f);
    }
    return out;
  }();
  const auto roots = Certificate::bundle_from_pem(text);
  if (!roots.ok()) {
    state.SkipWithError("run at the root of the repository");
    return;
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(Certificate::from_der(roots->front().der()));
  }
}
BENCHMARK(parse_certificate);

}  // namespace
}  // namespace trustee::crypto

BENCHMARK_MAIN();
