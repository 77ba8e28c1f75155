// Requests per second of an empty handler over loopback with keep-alive, client included.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

#include "net/compute_pool.h"
#include "net/internal/request_parser.h"
#include "net/server.h"

namespace trustee::net {
namespace {

Task<Response> empty_answer(Request) { co_return Response{}; }

class RunningServer {
 public:
  explicit RunningServer(Handler handler) {
    ServerConfig config;
    config.sockets = {"127.0.0.1:0"};
    config.workers = 1;
    auto made = Server::create(std::move(config), std::move(handler));
    if (!made.ok()) std::abort();
    server_ = std::move(*made);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~RunningServer() {
    server_->stop_now();
    thread_.join();
  }
  std::uint16_t port() const { return server_->ports().front(); }

 private:
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) != 0) std::abort();
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

const std::string kBody = "{\"version\":\"0.4.0\",\"tee\":\"sample\",\"extra-params\":{}}";
const std::string kRequest =
    "POST /kbs/v0/auth HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nuser-agent: bench/1\r\n"
    "content-type: application/json\r\naccept: */*\r\ncontent-length: " +
    std::to_string(kBody.size()) + "\r\n\r\n" + kBody;

/// Keeps `depth` requests under way on one connection and reads their answers.
void exchange(int fd, std::size_t depth) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) {
    out += kRequest;
  }
  if (::send(fd, out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) std::abort();
  std::size_t answers = 0;
  char text[16384];
  while (answers < depth) {
    const ssize_t n = ::recv(fd, text, sizeof text, 0);
    if (n <= 0) std::abort();
    std::string_view seen(text, static_cast<std::size_t>(n));
    for (auto at = seen.find("\r\n\r\n"); at != std::string_view::npos;
         at = seen.find("\r\n\r\n", at + 4)) {
      answers += 1;
    }
  }
}

double cpu_seconds() {
  rusage u{};
  ::getrusage(RUSAGE_SELF, &u);
  const auto s = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return s(u.ru_utime) + s(u.ru_stime);
}

void loopback(benchmark::State& state, Handler handler) {
  const RunningServer server(std::move(handler));
  const int fd = connect_to(server.port());
  const auto depth = static_cast<std::size_t>(state.range(0));
  const double before = cpu_seconds();
  for (auto _ : state) {
    exchange(fd, depth);
  }
  const auto requests = static_cast<double>(state.iterations()) * static_cast<double>(depth);
  state.SetItemsProcessed(static_cast<std::int64_t>(requests));
  state.counters["cpu_us_both_ends"] = (cpu_seconds() - before) * 1e6 / requests;
  ::close(fd);
}

void BM_empty_handler(benchmark::State& state) { loopback(state, empty_answer); }
BENCHMARK(BM_empty_handler)->Arg(1)->Arg(16)->UseRealTime()->Unit(benchmark::kMicrosecond);

void BM_pool_hop(benchmark::State& state) {
  auto pool = ComputePool::create({.threads = 1, .queue = 64});
  ComputePool& p = **pool;
  loopback(state, [&p](Request request) -> Task<Response> {
    auto job = [] { return 1; };
    const auto done = co_await p.run(request.peer.key, job);
    co_return Response{.status = done.ok() ? 200 : 503};
  });
}
BENCHMARK(BM_pool_hop)->Arg(1)->Arg(16)->UseRealTime()->Unit(benchmark::kMicrosecond);

void BM_pool_light(benchmark::State& state) {
  auto pool = ComputePool::create({.threads = 1, .queue = 64});
  ComputePool& p = **pool;
  loopback(state, [&p](Request request) -> Task<Response> {
    auto job = [] { return 1; };
    const auto done = co_await p.run_light(request.peer.key, job);
    co_return Response{.status = done.ok() ? 200 : 503};
  });
}
BENCHMARK(BM_pool_light)->Arg(1)->Arg(16)->UseRealTime()->Unit(benchmark::kMicrosecond);

void BM_parse_head(benchmark::State& state) {
  const Bytes input = as_bytes(kRequest);
  for (auto _ : state) {
    HeadScan scan;
    const auto complete = scan.scan(input);
    Request request;
    auto framing = parse_head(input.first(scan.size()), {}, request);
    if (!complete.ok() || !framing.ok()) std::abort();
    benchmark::DoNotOptimize(request);
  }
}
BENCHMARK(BM_parse_head);

}  // namespace
}  // namespace trustee::net

BENCHMARK_MAIN();
