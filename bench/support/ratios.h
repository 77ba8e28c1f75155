#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace trustee::bench {

/// One benchmark that shall reach a part of the speed of its limit.
struct Share {
  std::string benchmark;
  std::string what;  ///< as printed, e.g. `SNP verify from JSON text`
  int percent = 0;   ///< the budget
};

/// Remembers the time of the benchmark `limit`, which runs first, and prints each share of it.
class Ratios final : public ::benchmark::ConsoleReporter {
 public:
  /// `limit_means`: what the limit does, e.g. `one P-384 verification`.
  Ratios(std::string limit, std::string limit_means, std::vector<Share> shares)
      : limit_(std::move(limit)),
        limit_means_(std::move(limit_means)),
        shares_(std::move(shares)) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const double time = run.GetAdjustedCPUTime();
      if (run.benchmark_name() == limit_) limit_time_ = time;
      for (const Share& share : shares_) {
        if (run.benchmark_name() == share.benchmark) print(share, time);
      }
    }
  }

 private:
  void print(const Share& share, double time) const {
    std::printf("RATIO %s: %.0f %% of %s (budget >= %d %%)\n", share.what.c_str(),
                100.0 * limit_time_ / time, limit_means_.c_str(), share.percent);
  }

  const std::string limit_;
  const std::string limit_means_;
  const std::vector<Share> shares_;
  double limit_time_ = 0;
};

}  // namespace trustee::bench
