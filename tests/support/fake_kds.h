#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace trustee {

/// How the fake service treats one request.
struct FakeAnswer {
  enum class How : std::uint8_t {
    complete,   ///< status, headers and body
    truncated,  ///< announces the body, sends half of it and closes
    garbage,    ///< bytes that are no HTTP
    closes,     ///< closes without a byte
    hangs,      ///< says nothing until the service stops
  };
  How how = How::complete;
  int status = 200;
  ByteVec body{};
  std::string headers{};  ///< further lines, each ended by CR LF
};

/// A key distribution service on a loopback socket, one connection at a time per thread, scriptable
/// per request. Stops when it goes.
class FakeKds {
 public:
  /// Called for each request with its target (`/vcek/v1/…`), from the service's threads.
  using Script = std::function<FakeAnswer(const std::string& target)>;
  explicit FakeKds(Script script);
  ~FakeKds();
  FakeKds(const FakeKds&) = delete;
  FakeKds& operator=(const FakeKds&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The targets asked for so far.
  std::vector<std::string> requests() const;

 private:
  void accept_loop();
  void serve(int fd);

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace trustee
