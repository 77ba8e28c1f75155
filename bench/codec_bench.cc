// JSON on documents like those that arrive: Intel's TCB info, evidence with its bytes as numbers, a
// body to canonicalise.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>

#include "codec/base64.h"
#include "codec/json.h"

namespace trustee {
namespace {

std::string tcb_info() {
  std::ifstream file("src/codec/testdata/tcbInfo.json");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// 1,184 bytes as an array of numbers, the way serde writes a byte array.
std::string byte_array() {
  json::Array bytes;
  for (int i = 0; i < 1184; ++i) {
    bytes.emplace_back(i * 37 % 256);
  }
  return json::write(json::Object{{"report", bytes}});
}

void parse_text(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::parse(text));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void parse_tcb_info(benchmark::State& state) { parse_text(state, tcb_info()); }
void parse_byte_array(benchmark::State& state) { parse_text(state, byte_array()); }

void canonicalise_tcb_info(benchmark::State& state) {
  const json::Value value = *json::parse(tcb_info());
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::canonicalise(value));
  }
}

void write_tcb_info_sorted(benchmark::State& state) {
  const json::Value value = *json::parse(tcb_info());
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::write_sorted(value));
  }
}

void decode_base64(benchmark::State& state) {
  const std::string text = codec::base64url_encode(ByteVec(4096, 0x5a));
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::base64url_decode(text));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK(parse_tcb_info);
BENCHMARK(parse_byte_array);
BENCHMARK(canonicalise_tcb_info);
BENCHMARK(write_tcb_info_sorted);
BENCHMARK(decode_base64);

}  // namespace
}  // namespace trustee

BENCHMARK_MAIN();
