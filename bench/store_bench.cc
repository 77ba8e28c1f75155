#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "store/factory.h"
#include "tests/support/temp_dir.h"

// Reads and writes of each kind of store with 10,000 resources of 64 bytes. `start` opens the store
// and reads one. Set TMPDIR to a directory on a disk to see what syncing costs there.

namespace trustee {
namespace {

constexpr int kResources = 10'000;

store::StoreConfig config_in(const TempDir& dir, store::StoreKind kind) {
  return {.kind = kind,
          .dir_path = dir / "fs",
          .file_dir_path = dir / "json",
          .sqlite_path = dir / "store.sqlite"};
}

std::string key_of(int i) { return "default/test/secret-" + std::to_string(i); }

std::shared_ptr<kv::Namespace> filled(const store::StoreConfig& config) {
  std::vector<kv::Entry> entries;
  for (int i = 0; i < kResources; ++i) {
    entries.push_back({key_of(i), ByteVec(64, static_cast<std::uint8_t>(i))});
  }
  auto space = store::create(config).value()->open("repository").value();
  if (!space->replace_all(entries).ok()) std::abort();
  return space;
}

store::StoreKind kind_of(const benchmark::State& state) {
  return static_cast<store::StoreKind>(state.range(0));
}

void get(benchmark::State& state) {
  const TempDir dir;
  const auto space = filled(config_in(dir, kind_of(state)));
  int i = 0;
  for (auto _ : state) {
    const auto value = space->get(key_of(i = (i + 7919) % kResources));
    if (!value.ok() || !value.value().has_value()) state.SkipWithError("lost");
  }
}

void version(benchmark::State& state) {
  const TempDir dir;
  const auto space = filled(config_in(dir, kind_of(state)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(space->version().ok());
  }
}

/// A namespace of policies: few files, each of which LocalFs looks at.
void version_of_policies(benchmark::State& state) {
  const TempDir dir;
  const auto space = store::create(config_in(dir, kind_of(state))).value()->open("kbs").value();
  (void)space->put("resource-policy.rego", as_bytes("package policy"), kv::Overwrite::yes);
  for (auto _ : state) {
    benchmark::DoNotOptimize(space->version().ok());
  }
}

void put(benchmark::State& state) {
  const TempDir dir;
  const auto space = filled(config_in(dir, kind_of(state)));
  const ByteVec value(64, 1);
  int i = 0;
  for (auto _ : state) {
    if (!space->put(key_of(i = (i + 7919) % kResources), value, kv::Overwrite::yes).ok()) {
      state.SkipWithError("not stored");
    }
  }
}

void start(benchmark::State& state) {
  const TempDir dir;
  const auto config = config_in(dir, kind_of(state));
  (void)filled(config);
  for (auto _ : state) {
    const auto space = store::create(config).value()->open("repository").value();
    benchmark::DoNotOptimize(space->get(key_of(4711)).ok());
  }
}

void disk_kinds(benchmark::internal::Benchmark* b) {
  for (const auto kind :
       {store::StoreKind::local_fs, store::StoreKind::local_json, store::StoreKind::sqlite}) {
    b->Arg(static_cast<int>(kind));
  }
}

void all_kinds(benchmark::internal::Benchmark* b) {
  b->Arg(static_cast<int>(store::StoreKind::memory));
  disk_kinds(b);
}

// The argument is the kind: 0 memory, 1 LocalFs, 2 LocalJson, 3 SQLite.
BENCHMARK(get)->Apply(all_kinds)->Unit(benchmark::kMicrosecond);
BENCHMARK(version)->Apply(all_kinds)->Unit(benchmark::kMicrosecond);
BENCHMARK(version_of_policies)->Apply(all_kinds)->Unit(benchmark::kMicrosecond);
BENCHMARK(put)->Apply(all_kinds)->Unit(benchmark::kMicrosecond);
BENCHMARK(start)->Apply(disk_kinds)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace trustee

BENCHMARK_MAIN();
