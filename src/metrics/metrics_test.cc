#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>

#include "metrics/kbs_metrics.h"
#include "metrics/registry.h"
#include "tests/support/case.h"

namespace trustee::metrics {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, WritesTheTextFormatSortedByNameAndLabels) {
  Registry r;
  r.gauge("b_active", "Now").set(-3);
  CounterFamily& reads = r.counters("a_reads_total", "Reads", {"path", "kind"});
  reads.with({"z", "x"}).add();
  reads.with({"a", "x"}).add(41);
  reads.with({"a", "x"}).add();
  EXPECT_EQ(r.exposition(),
            "# HELP a_reads_total Reads\n# TYPE a_reads_total counter\n"
            "a_reads_total{path=\"a\",kind=\"x\"} 42\n"
            "a_reads_total{path=\"z\",kind=\"x\"} 1\n"
            "# HELP b_active Now\n# TYPE b_active gauge\nb_active -3\n");
}

TEST(Metrics, CumulatesBucketsAndEndsThemWithInfinity) {
  Registry r;
  constexpr double kBounds[] = {0.0005, 0.5, 1};
  Histogram& h = r.histogram("h_seconds", "Took", kBounds);
  for (const double d : {0.0005, 0.25, 0.5, 1.0, 7.25}) {
    h.observe(d);
  }
  h.observe(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(r.exposition(),
            "# HELP h_seconds Took\n# TYPE h_seconds histogram\n"
            "h_seconds_bucket{le=\"0.0005\"} 1\nh_seconds_bucket{le=\"0.5\"} 3\n"
            "h_seconds_bucket{le=\"1\"} 4\nh_seconds_bucket{le=\"+Inf\"} 5\n"
            "h_seconds_sum 9.0005\nh_seconds_count 5\n");
}

TEST(Metrics, PutsTheBoundLastAmongTheLabelsOfAHistogram) {
  Registry r;
  constexpr double kBounds[] = {1};
  r.histograms("h", "x", {"plugin_name"}, kBounds).with({"p"}).observe(2);
  EXPECT_TRUE(has_line(r.exposition(), "h_bucket{plugin_name=\"p\",le=\"+Inf\"} 1"));
  EXPECT_TRUE(has_line(r.exposition(), "h_sum{plugin_name=\"p\"} 2"));
}

TEST(Metrics, EscapesLabelValuesAndHelp) {
  Registry r;
  r.counters("c", "a\\b\nc\"d", {"l"}).with({"a\\b\nc\"d\xFF"}).add();
  EXPECT_EQ(r.exposition(),
            "# HELP c a\\\\b\\nc\"d\n# TYPE c counter\nc{l=\"a\\\\b\\nc\\\"d\xEF\xBF\xBD\"} 1\n");
}

TEST(Metrics, ShowsAFamilyOnlyAfterItsFirstUse) {
  Registry r;
  CounterFamily& f = r.counters("c", "x", {"l"});
  EXPECT_EQ(r.exposition(), "");
  f.with({"v"});
  EXPECT_TRUE(has_line(r.exposition(), "c{l=\"v\"} 0"));
}

TEST(Metrics, SharesOneSeriesBeyondTheLimitOfSeries) {
  Registry r;
  CounterFamily& f = r.counters("c", "x", {"l"}, 2);
  f.with({"1"}).add();
  f.with({"2"}).add();
  f.with({"3"}).add();
  f.with({"4"}).add();
  f.with({"1"}).add();
  EXPECT_EQ(r.exposition(),
            "# HELP c x\n# TYPE c counter\nc{l=\"1\"} 2\nc{l=\"2\"} 1\nc{l=\"_other\"} 2\n");
}

TEST(Metrics, CutsLabelValuesAtTheirLimit) {
  Registry r;
  CounterFamily& f = r.counters("c", "x", {"l"});
  const std::string longest(kMaxLabelValue, 'a');
  f.with({longest}).add();
  f.with({longest + "b"}).add();
  EXPECT_TRUE(has_line(r.exposition(), "c{l=\"" + longest + "\"} 2"));
}

TEST(MetricsDeathTest, AbortsOnAProgrammersError) {
  Registry r;
  r.counter("c", "x");
  EXPECT_DEATH(r.gauge("c", "x"), "fresh");
  EXPECT_DEATH(r.counters("d", "x", {"l"}).with({}), "labels_");
  constexpr double kFalling[] = {2, 1};
  EXPECT_DEATH(r.histogram("e", "x", kFalling), "bounds_");
}

TEST(Metrics, CountsFromManyThreads) {
  Registry r;
  constexpr double kBounds[] = {10, 100};
  Counter& c = r.counter("c", "x");
  Histogram& h = r.histogram("h", "x", kBounds);
  CounterFamily& f = r.counters("f", "x", {"l"}, 3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        c.add();
        h.observe(i);
        f.with({std::to_string(i % 5)}).add();
        if (i % 100 == 0) (void)r.exposition();
      }
    });
  }
  for (std::thread& t : threads) {
    t.join();
  }
  EXPECT_EQ(c.value(), 2000U);
  EXPECT_TRUE(has_line(r.exposition(), "h_count 2000"));
  EXPECT_TRUE(has_line(r.exposition(), "h_sum 499000"));
  EXPECT_EQ(
      f.with({"0"}).value() + f.with({"1"}).value() + f.with({"2"}).value() + f.with({"3"}).value(),
      2000U);
}

TEST(KbsMetrics, CountsOneLargeSlowRequestAndTwoReads) {
  CASE("KBS-M1");
  Registry r;
  KbsMetrics m(r);
  m.http_request_size.observe(1024);
  m.http_request_duration.observe(10);
  m.resource_reads.with({"default/key/read"}).add();
  m.resource_reads.with({"default/key/read"}).add();
  const std::string text = r.exposition();
  EXPECT_TRUE(has_line(text, "kbs_http_request_size_bytes_sum 1024"));
  EXPECT_TRUE(has_line(text, "kbs_http_request_duration_seconds_sum 10"));
  EXPECT_TRUE(has_line(text, "kbs_resource_reads_total{resource_path=\"default/key/read\"} 2"));
}

TEST(KbsMetrics, HasUpstreamsNamesTypesLabelsAndBuckets) {
  Registry r;
  KbsMetrics m(r);
  m.build_info.with({"0.1.0", "unknown", "2026-11-24T10:05:00.000+00:00"}).set(1);
  m.resource_writes.with({"a/b/c"}).add();
  m.resource_deletes.with({"a/b/c"}).add();
  m.attestation_successes.with({"snp"}).add();
  m.attestation_failures.with({"snp"}).add();
  m.plugin_requests.with({"p"}).add();
  m.plugin_request_duration.with({"p"}).observe(0.002);
  m.plugin_errors.with({"p"}).add();
  const std::string text = r.exposition();
  for (const char* line :
       {"kbs_build_info{version=\"0.1.0\",git_hash=\"unknown\",build_date=\"2026-11-24T10:05:00."
        "000+"
        "00:00\"} 1",
        "# TYPE kbs_build_info gauge",
        "# TYPE kbs_http_requests_total counter",
        "# TYPE kbs_http_request_duration_seconds histogram",
        "kbs_http_request_duration_seconds_bucket{le=\"0.0005\"} 0",
        "kbs_http_request_duration_seconds_bucket{le=\"0.001\"} 0",
        "kbs_http_request_duration_seconds_bucket{le=\"0.005\"} 0",
        "kbs_http_request_duration_seconds_bucket{le=\"0.01\"} 0",
        "kbs_http_request_duration_seconds_bucket{le=\"0.05\"} 0",
        "kbs_http_request_duration_seconds_bucket{le=\"0.5\"} 0",
        "kbs_http_request_duration_seconds_bucket{le=\"1\"} 0",
        "kbs_http_request_size_bytes_bucket{le=\"32\"} 0",
        "kbs_http_request_size_bytes_bucket{le=\"128\"} 0",
        "kbs_http_request_size_bytes_bucket{le=\"512\"} 0",
        "kbs_http_request_size_bytes_bucket{le=\"2048\"} 0",
        "kbs_http_request_size_bytes_bucket{le=\"8192\"} 0",
        "kbs_http_request_size_bytes_bucket{le=\"+Inf\"} 0",
        "kbs_http_response_size_bytes_bucket{le=\"8192\"} 0",
        "# TYPE kbs_http_active_connections gauge",
        "kbs_resource_writes_total{resource_path=\"a/b/c\"} 1",
        "kbs_resource_deletes_total{resource_path=\"a/b/c\"} 1",
        "kbs_policy_evaluations_total 0",
        "kbs_policy_approvals_total 0",
        "kbs_policy_violations_total 0",
        "kbs_policy_errors_total 0",
        "kbs_attestation_requests_total 0",
        "kbs_attestation_errors_total 0",
        "kbs_attestation_successes_total{tee_type=\"snp\"} 1",
        "kbs_attestation_failures_total{tee_type=\"snp\"} 1",
        "kbs_auth_requests_total 0",
        "kbs_auth_successes_total 0",
        "kbs_auth_errors_total 0",
        "kbs_plugin_requests_total{plugin_name=\"p\"} 1",
        "kbs_plugin_request_duration_seconds_bucket{plugin_name=\"p\",le=\"0.001\"} 0",
        "kbs_plugin_request_duration_seconds_bucket{plugin_name=\"p\",le=\"0.005\"} 1",
        "kbs_plugin_request_duration_seconds_bucket{plugin_name=\"p\",le=\"0.1\"} 1",
        "kbs_plugin_errors_total{plugin_name=\"p\"} 1"}) {
    EXPECT_TRUE(has_line(text, line)) << line;
  }
}

}  // namespace
}  // namespace trustee::metrics
