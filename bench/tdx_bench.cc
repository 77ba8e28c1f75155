// TDX verification against its limit, two P-256 verifications by the same library in the same run
// (QE report and quote). Prints both rows of the budget: from a parsed quote with chain and
// collateral cached (>= 80 %) and from JSON text (>= 65 %).

#include <benchmark/benchmark.h>

#include <string>

#include "bench/support/file_text.h"
#include "bench/support/ratios.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "intel/cache.h"
#include "intel/collateral_file.h"
#include "intel/verify.h"
#include "tdx/claims.h"
#include "tdx/evidence.h"
#include "tdx/verify.h"

namespace trustee::tdx {
namespace {

struct World {
  std::string bytes = bench::file_text("tests/vectors/tdx/dcap-qvl/tdx_quote");
  std::string file =
      bench::file_text("tests/vectors/dcap-sets/tdx-v4-b0c06f000000.collateral.json");
  std::string json = "{\"quote\":\"" + codec::base64_encode(as_bytes(bytes)) + "\"}";
  intel::Quote quote = intel::parse_quote(as_bytes(bytes)).value();
  intel::RootKey root = intel::RootKey::built_in();
  intel::CollateralDocuments documents = intel::parse_collateral_file(file).value();
  intel::VerifiedCollateral collateral = intel::verify_collateral(documents, root).value();
  intel::PckCache cache;
  Time now = from_unix_seconds(1751328000);

  bool verified(const Result<Outcome>& outcome) const {
    return outcome.ok() && std::holds_alternative<claims::Verified<Attested>>(*outcome);
  }
};

World& world() {
  static World w;
  return w;
}

void two_p256_verify_alone(benchmark::State& state) {
  World& w = world();
  const auto chain = w.cache.verify(w.quote.pck_chain(), w.root).value();
  const crypto::PublicKey pck = (*chain)->key;
  const Bytes point(w.quote.attestation_key);
  const auto key =
      crypto::PublicKey::from_ec_point(crypto::Curve::p256, point.first(32), point.subspan(32))
          .value();
  const auto report = crypto::digest(crypto::Hash::sha256, w.quote.qe_report_bytes());
  const auto quote = crypto::digest(crypto::Hash::sha256, w.quote.signed_bytes());
  for (auto _ : state) {
    if (!pck.verify_ecdsa_digest(report, w.quote.qe_report_signature).ok() ||
        !key.verify_ecdsa_digest(quote, w.quote.signature).ok()) {
      state.SkipWithError("not verified");
    }
  }
}
BENCHMARK(two_p256_verify_alone);

void tdx_verify_from_parsed_quote(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    if (!w.verified(verify_quote(w.quote, {}, {w.root, w.cache, w.collateral}, w.now))) {
      state.SkipWithError("not verified");
    }
  }
}
BENCHMARK(tdx_verify_from_parsed_quote);

void tdx_verify_from_json_text(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    const auto evidence = parse_evidence(w.json);
    if (!evidence.ok() ||
        !w.verified(verify(*evidence, {}, {w.root, w.cache, w.collateral}, w.now))) {
      state.SkipWithError("not verified");
    }
  }
}
BENCHMARK(tdx_verify_from_json_text);

void tdx_parse_json_text(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    auto evidence = parse_evidence(w.json);
    benchmark::DoNotOptimize(evidence);
  }
}
BENCHMARK(tdx_parse_json_text);

void tdx_claims(benchmark::State& state) {
  World& w = world();
  const auto outcome = verify_quote(w.quote, {}, {w.root, w.cache, w.collateral}, w.now);
  const auto& attested = std::get<claims::Verified<Attested>>(*outcome);
  for (auto _ : state) {
    auto set = claims_of(attested);
    benchmark::DoNotOptimize(set);
  }
}
BENCHMARK(tdx_claims);

void tdx_verify_with_cold_chain(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    intel::PckCache cold;
    if (!w.verified(verify_quote(w.quote, {}, {w.root, cold, w.collateral}, w.now))) {
      state.SkipWithError("not verified");
    }
  }
}
BENCHMARK(tdx_verify_with_cold_chain);

void collateral_verify(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    if (!intel::verify_collateral(w.documents, w.root).ok()) state.SkipWithError("not verified");
  }
}
BENCHMARK(collateral_verify);

}  // namespace
}  // namespace trustee::tdx

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  trustee::bench::Ratios reporter(
      "two_p256_verify_alone", "two P-256 verifications",
      {{"tdx_verify_from_parsed_quote", "TDX verify from parsed quote", 80},
       {"tdx_verify_from_json_text", "TDX verify from JSON text", 65}});
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
