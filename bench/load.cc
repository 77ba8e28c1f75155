// trustee-load: sends requests of one kind to a running KBS over HTTP keep-alive on loopback, from
// several connections at once, bounded in number and time. Prints requests per second, the
// latencies and, given the server's process id, its CPU time per request.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/support/check.h"
#include "bench/support/guest.h"

namespace trustee::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::string kind = "challenge";
  std::string path = "default/bench/key";
  int connections = 1;
  int requests = 10'000;
  int seconds = 30;
  int server_pid = 0;
};

struct Answer {
  int status = 0;
  std::string cookie;  ///< `name=value`, or empty
  std::string body;
};

/// One keep-alive connection. Any fault ends the program.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      give_up("cannot connect to port " + std::to_string(port));
    }
  }
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Answer exchange(std::string_view method, std::string_view target, std::string_view field,
                  std::string_view body) {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(field);
    if (method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text.append("\r\n").append(body);
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t n = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n <= 0) give_up("the connection broke while sending");
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    return read_answer();
  }

 private:
  void more() {
    char chunk[16384];
    const ssize_t n = recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) give_up("the connection ended before its answer");
    received_.append(chunk, static_cast<std::size_t>(n));
  }

  Answer read_answer() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      more();
    }
    std::string head = received_.substr(0, end + 2);
    std::transform(head.begin(), head.end(), head.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    Answer out;
    out.status = number_after(head, "http/1.1 ");
    const auto size = static_cast<std::size_t>(number_after(head, "\r\ncontent-length: "));
    const std::size_t at = head.find("\r\nset-cookie: ");
    if (at != std::string::npos) {
      const std::size_t value = at + std::strlen("\r\nset-cookie: ");
      out.cookie = Guest::cookie(std::string_view(received_).substr(value, end - value));
    }
    while (received_.size() < end + 4 + size) {
      more();
    }
    out.body = received_.substr(end + 4, size);
    received_.erase(0, end + 4 + size);
    return out;
  }

  static int number_after(const std::string& head, std::string_view mark) {
    const std::size_t at = head.find(mark);
    int out = 0;
    if (at != std::string::npos) {
      const char* start = head.data() + at + mark.size();
      std::from_chars(start, head.data() + head.size(), out);
    }
    return out;
  }

  int fd_;
  std::string received_;
};

void expect_ok(const Answer& answer) {
  if (answer.status != 200) {
    give_up("status " + std::to_string(answer.status) + ": " + answer.body);
  }
}

Answer challenge(Connection& connection) {
  static const std::string request = Guest::request();
  Answer answer =
      connection.exchange("POST", "/kbs/v0/auth", "Content-Type: application/json\r\n", request);
  expect_ok(answer);
  return answer;
}

Answer attest(Connection& connection, const Guest& guest) {
  const Answer asked = challenge(connection);
  const std::string fields = "Content-Type: application/json\r\nCookie: " + asked.cookie + "\r\n";
  Answer answer =
      connection.exchange("POST", "/kbs/v0/attest", fields, guest.attestation(asked.body));
  expect_ok(answer);
  return answer;
}

/// Sends its share until count or time is used up; returns the latencies, microseconds.
std::vector<double> drive(const Options& options, std::atomic<int>& left,
                          SteadyClock::time_point until) {
  Connection connection(options.port);
  const Guest guest;
  const std::string target = "/kbs/v0/resource/" + options.path;
  std::string cookie;
  if (options.kind == "get") cookie = "Cookie: " + attest(connection, guest).cookie + "\r\n";
  std::vector<double> out;
  while (left.fetch_sub(1) > 0 && SteadyClock::now() < until) {
    const auto start = SteadyClock::now();
    if (options.kind == "challenge") {
      challenge(connection);
    } else if (options.kind == "rcar") {
      attest(connection, guest);
    } else {
      expect_ok(connection.exchange("GET", target, cookie, ""));
    }
    out.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count());
  }
  return out;
}

/// CPU time a process has used, microseconds; 0 for process 0.
double cpu_us_of(int pid) {
  if (pid == 0) return 0;
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << in.rdbuf();
  const std::string stat = text.str();
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) give_up("no process " + std::to_string(pid));
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    fields >> skipped;
  }
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void run(const Options& options) {
  std::atomic<int> left{options.requests};
  const auto start = SteadyClock::now();
  const auto until = start + std::chrono::seconds(options.seconds);
  const double cpu_before = cpu_us_of(options.server_pid);
  std::vector<std::vector<double>> parts(static_cast<std::size_t>(options.connections));
  std::vector<std::thread> threads;
  for (auto& part : parts) {
    threads.emplace_back([&options, &left, until, &part] { part = drive(options, left, until); });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  const double cpu = cpu_us_of(options.server_pid) - cpu_before;
  std::vector<double> all;
  for (const auto& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  if (all.empty()) give_up("no request was answered in time");
  std::sort(all.begin(), all.end());
  const auto n = static_cast<double>(all.size());
  std::printf("LOAD|%s|connections %d|requests %zu|rate %.0f|cpu_us %.1f|p50_us %.0f|p99_us %.0f\n",
              options.kind.c_str(), options.connections, all.size(), n / seconds, cpu / n,
              all[all.size() / 2], all[all.size() * 99 / 100]);
}

int main_of(int argc, char** argv) {
  CLI::App app("Load for a running KBS on loopback, sample evidence", "trustee-load");
  Options options;
  app.add_option("--port", options.port, "Port of the server (plain HTTP)")->required();
  app.add_option("--kind", options.kind, "challenge, rcar (challenge and attestation) or get")
      ->check(CLI::IsMember({"challenge", "rcar", "get"}));
  app.add_option("--path", options.path, "Resource that `get` asks for");
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 1000));
  app.add_option("--requests", options.requests, "In all")->check(CLI::Range(1, 100'000'000));
  app.add_option("--seconds", options.seconds, "At most")->check(CLI::Range(1, 3600));
  app.add_option("--server-pid", options.server_pid, "Whose CPU time is to be reported");
  CLI11_PARSE(app, argc, argv);
  run(options);
  return 0;
}

}  // namespace
}  // namespace trustee::bench

int main(int argc, char** argv) { return trustee::bench::main_of(argc, argv); }
