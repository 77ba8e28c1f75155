#include "log/logger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "log/stream_sink.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_log.h"

namespace trustee::log {
namespace {

struct LoggerTest : ::testing::Test {
  FixedClock clock{from_unix_seconds(1795514700)};
  MemoryLog sink;
  Journal journal{*Filter::parse("info,quiet=error"), Format::text, false, sink, clock};
  Logger logger{journal, "kbs"};
};

TEST_F(LoggerTest, WritesWhatTheFilterLetsPass) {
  logger.info("one");
  logger.debug("two");
  logger.with_target("quiet").warn("three");
  logger.with_target("quiet").error("four", {{"n", 4}});
  EXPECT_EQ(sink.text(),
            "[2026-11-24T10:05:00Z INFO  kbs] one\n"
            "[2026-11-24T10:05:00Z ERROR quiet] four n=4\n");
  EXPECT_TRUE(logger.enabled(Level::info));
  EXPECT_FALSE(logger.enabled(Level::debug));
}

TEST_F(LoggerTest, PutsTheRequestIdIntoEachLine) {
  logger.with_request(RequestId("7f3a")).info("denied", {{"status", 401}});
  EXPECT_EQ(sink.text(), "[2026-11-24T10:05:00Z INFO  kbs] denied request_id=7f3a status=401\n");
}

TEST_F(LoggerTest, LimitsLinesPerCallSiteAndTellsHowManyItSwallowed) {
  const Logger limited = logger.limited();
  const auto noisy = [&] { limited.warn("bad request"); };
  for (std::uint32_t i = 0; i < kLimitedLines + 5; ++i) {
    noisy();
  }
  EXPECT_EQ(sink.lines().size(), kLimitedLines);
  limited.warn("another site");
  EXPECT_EQ(sink.lines().size(), kLimitedLines + 1);
  clock.advance(kLimitedInterval);
  noisy();
  noisy();
  EXPECT_EQ(sink.lines().size(), kLimitedLines + 3);
  EXPECT_EQ(sink.lines()[kLimitedLines + 1],
            "[2026-11-24T10:05:10Z WARN  kbs] bad request suppressed=5\n");
  EXPECT_EQ(sink.lines()[kLimitedLines + 2], "[2026-11-24T10:05:10Z WARN  kbs] bad request\n");
}

TEST_F(LoggerTest, NeverLimitsAPlainLogger) {
  for (int i = 0; i < 100; ++i) {
    logger.info("access");
  }
  EXPECT_EQ(sink.lines().size(), 100U);
}

TEST_F(LoggerTest, TellsOnceOfLinesTheSinkDropped) {
  sink.pretend_dropped(3);
  logger.info("a");
  logger.info("b");
  sink.pretend_dropped(4);
  logger.info("c");
  EXPECT_EQ(sink.text(),
            "[2026-11-24T10:05:00Z WARN  log] log lines were dropped dropped=3\n"
            "[2026-11-24T10:05:00Z INFO  kbs] a\n"
            "[2026-11-24T10:05:00Z INFO  kbs] b\n"
            "[2026-11-24T10:05:00Z WARN  log] log lines were dropped dropped=1\n"
            "[2026-11-24T10:05:00Z INFO  kbs] c\n");
}

TEST_F(LoggerTest, IsSafeFromManyThreads) {
  const Logger limited = logger.limited();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        logger.info("x", {{"i", i}});
        limited.warn("y");
      }
    });
  }
  for (std::thread& t : threads) {
    t.join();
  }
  EXPECT_EQ(sink.lines().size(), 800U + kLimitedLines);
}

/// A pipe whose ends close themselves.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(fds), 0); }
  ~Pipe() {
    ::close(fds[0]);
    if (fds[1] >= 0) ::close(fds[1]);
  }
  /// What one read gives; waits for it.
  std::string read_some() {
    char buffer[4096];
    const ssize_t n = ::read(fds[0], buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(n < 0 ? 0 : n)};
  }
  std::string read_all() {
    ::close(fds[1]);
    fds[1] = -1;
    std::string out;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(fds[0], buffer, sizeof buffer)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(n));
    }
    return out;
  }
  int fds[2] = {-1, -1};
};

TEST(StreamSink, WritesEveryLineInOrderBeforeItGoes) {
  Pipe pipe;
  std::string expected;
  {
    const auto sink = StreamSink::create(pipe.fds[1]).value();
    for (int i = 0; i < 100; ++i) {
      const std::string line = "line " + std::to_string(i) + "\n";
      expected += line;
      sink->write(line);
    }
  }
  EXPECT_EQ(pipe.read_all(), expected);
}

TEST(StreamSink, WritesALineAfterSilenceAtOnceAndGathersWhatFollows) {
  Pipe pipe;
  {
    const auto sink =
        StreamSink::create(pipe.fds[1], {.lines = 8, .gather = std::chrono::hours(1)}).value();
    sink->write("first\n");
    EXPECT_EQ(pipe.read_some(), "first\n");
    for (int i = 0; i < 5; ++i) {
      sink->write(std::to_string(i) + "\n");  // the fifth is more than half of the room
    }
    EXPECT_EQ(pipe.read_some(), "0\n1\n2\n3\n4\n") << "in one piece";
    sink->write("last\n");
  }
  EXPECT_EQ(pipe.read_all(), "last\n") << "the end does not wait";
}

TEST(StreamSink, DropsAndCountsWhenNobodyReads) {
  Pipe pipe;
  const std::string line(4096, 'x');
  {
    const auto sink =
        StreamSink::create(pipe.fds[1],
                           {.lines = 4, .bytes = 1U << 20U, .drain = std::chrono::milliseconds(0)})
            .value();
    for (int i = 0; i < 1000; ++i) {
      sink->write(line);  // a pipe holds 64 KiB
    }
    EXPECT_GT(sink->dropped(), 0U);
  }
}

TEST(StreamSink, HoldsItsLimits) {
  Pipe pipe;
  const auto sink = StreamSink::create(pipe.fds[1], {.lines = 8, .bytes = 10}).value();
  sink->write("12345678901");
  EXPECT_EQ(sink->dropped(), 1U);
  sink->write("1234567890");
  EXPECT_EQ(sink->dropped(), 1U);
}

TEST(StreamSink, CountsLinesItCouldNotWrite) {
  const int closed = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(closed, 0);
  std::uint64_t dropped = 0;
  {
    auto sink = StreamSink::create(closed).value();
    sink->write("a\n");
    while (dropped == 0) {
      dropped = sink->dropped();
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(dropped, 1U);
  ::close(closed);
}

TEST(StreamSink, KnowsThatAPipeIsNoTerminal) {
  Pipe pipe;
  EXPECT_FALSE(is_terminal(pipe.fds[1]));
  EXPECT_FALSE(is_terminal(-1));
}

}  // namespace
}  // namespace trustee::log
