// SNP verification against its limit, one P-384 verification by the same library in the same run.
// Prints both rows of the budget: from parsed evidence with the chain cached (>= 85 %) and from
// JSON text (>= 70 %).

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

#include "amd/cache.h"
#include "amd/roots.h"
#include "bench/support/file_text.h"
#include "bench/support/ratios.h"
#include "crypto/digest.h"
#include "snp/claims.h"
#include "snp/evidence.h"
#include "snp/verify.h"

namespace trustee::snp {
namespace {

struct World {
  std::string json = bench::file_text("tests/vectors/snp/evidence-genoa-e2e.json");
  Evidence evidence = parse_evidence(json).value();
  Report report = report_of(evidence).value();
  amd::RootSet roots = amd::RootSet::built_in().value();
  amd::VekCache cache;
  Time now = from_unix_seconds(1795500000);

  bool verifies(const Evidence& e) {
    const auto outcome = verify(e, {}, {roots, cache, std::nullopt, std::nullopt}, Policy{}, now);
    return outcome.ok() && std::holds_alternative<claims::Verified<Attested>>(*outcome);
  }
};

World& world() {
  static World w;
  return w;
}

void p384_verify_alone(benchmark::State& state) {
  World& w = world();
  const auto chain = w.cache.verify(
      {amd::Product::genoa, amd::VekKind::vcek, w.evidence.cert_chain->front().data, {}, {}},
      w.roots.of(amd::Product::genoa));
  const crypto::PublicKey key = (**chain)->key;
  const crypto::Digest digest = crypto::digest(crypto::Hash::sha384, w.report.signed_bytes());
  ByteArray<96> r_s{};
  std::reverse_copy(w.report.signature_r.begin(), w.report.signature_r.begin() + 48, r_s.begin());
  std::reverse_copy(w.report.signature_s.begin(), w.report.signature_s.begin() + 48,
                    r_s.begin() + 48);
  for (auto _ : state) {
    if (!key.verify_ecdsa_digest(digest, r_s).ok()) state.SkipWithError("not verified");
  }
}
BENCHMARK(p384_verify_alone);

void snp_verify_from_parsed_evidence(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    if (!w.verifies(w.evidence)) state.SkipWithError("not verified");
  }
}
BENCHMARK(snp_verify_from_parsed_evidence);

void snp_verify_from_json_text(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    const auto evidence = parse_evidence(w.json);
    if (!evidence.ok() || !w.verifies(*evidence)) state.SkipWithError("not verified");
  }
}
BENCHMARK(snp_verify_from_json_text);

void snp_parse_json_text(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    auto evidence = parse_evidence(w.json);
    benchmark::DoNotOptimize(evidence);
  }
}
BENCHMARK(snp_parse_json_text);

void snp_verify_with_cold_chain(benchmark::State& state) {
  World& w = world();
  for (auto _ : state) {
    amd::VekCache cold;
    const auto outcome =
        verify(w.evidence, {}, {w.roots, cold, std::nullopt, std::nullopt}, Policy{}, w.now);
    if (!outcome.ok()) state.SkipWithError("not verified");
  }
}
BENCHMARK(snp_verify_with_cold_chain);

}  // namespace
}  // namespace trustee::snp

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  trustee::bench::Ratios reporter(
      "p384_verify_alone", "one P-384 verification",
      {{"snp_verify_from_parsed_evidence", "SNP verify from parsed evidence", 85},
       {"snp_verify_from_json_text", "SNP verify from JSON text", 70}});
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
