// Encrypting an answer and signing or checking a token, beside the cryptography that nobody can
// avoid, one thread. The answer's budget is 70 % of its own row of `unavoidable`.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"
#include "jose/jwe.h"
#include "jose/jwt.h"
#include "jose/signer.h"

namespace trustee::jose {
namespace {

using crypto::Curve;
using crypto::PrivateKey;
using crypto::SignatureScheme;

void unavoidable(benchmark::State& state) {
  const PrivateKey guest = PrivateKey::generate_ec(Curve::p256).value();
  const SecretBytes key = crypto::random_secret(32);
  const ByteVec iv = crypto::random_vec(12);
  const ByteVec plaintext = crypto::random_vec(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const PrivateKey ephemeral = PrivateKey::generate_ec(Curve::p256).value();
    benchmark::DoNotOptimize(ephemeral.ecdh(guest.public_key()));
    benchmark::DoNotOptimize(crypto::aes256_gcm_seal(key, iv, {}, plaintext));
  }
}
BENCHMARK(unavoidable)->Arg(32)->Arg(4096)->Arg(1 << 20);

void answer(benchmark::State& state) {
  const PrivateKey guest = PrivateKey::generate_ec(Curve::p256).value();
  const auto recipient = Recipient::create(guest.public_key(), "ECDH-ES+A256KW").value();
  const SecretBytes plaintext = crypto::random_secret(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(to_json_text(recipient.encrypt(plaintext).value()));
  }
}
BENCHMARK(answer)->Arg(32)->Arg(4096)->Arg(1 << 20);

void answer_to_rsa(benchmark::State& state) {
  const PrivateKey guest = PrivateKey::generate_rsa(2048).value();
  const auto recipient = Recipient::create(guest.public_key(), "RSA-OAEP-256").value();
  const SecretBytes plaintext = crypto::random_secret(32);
  for (auto _ : state) {
    benchmark::DoNotOptimize(to_json_text(recipient.encrypt(plaintext).value()));
  }
}
BENCHMARK(answer_to_rsa);

void token_sign(benchmark::State& state) {
  const PrivateKey key = PrivateKey::generate_ec(Curve::p256).value();
  const Jwk jwk = jwk_for_signatures(key.public_key(), SignatureScheme::es256).value();
  const auto signer =
      Signer::create(key, SignatureScheme::es256, header_with_jwk(jwk).value()).value();
  const std::string claims = R"({"exp":1895478400,"filler":")" + std::string(3000, 'x') + "\"}";
  for (auto _ : state) {
    benchmark::DoNotOptimize(signer.sign(as_bytes(claims)));
  }
}
BENCHMARK(token_sign);

void token_verify(benchmark::State& state) {
  const PrivateKey key = PrivateKey::generate_ec(Curve::p256).value();
  const Jwk jwk = jwk_for_signatures(key.public_key(), SignatureScheme::es256).value();
  const auto signer =
      Signer::create(key, SignatureScheme::es256, header_with_jwk(jwk).value()).value();
  const std::string claims = R"({"exp":1895478400,"filler":")" + std::string(3000, 'x') + "\"}";
  const std::string token = signer.sign(as_bytes(claims)).value();
  for (auto _ : state) {
    const auto parsed = UnverifiedToken::parse(token).value();
    TRUSTEE_CHECK(parsed.verify(jwk, from_unix_seconds(1'795'478'400)).ok());
  }
}
BENCHMARK(token_verify);

}  // namespace
}  // namespace trustee::jose

BENCHMARK_MAIN();
