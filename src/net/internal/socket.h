#pragma once

// The one place where a transport's socket is visible; needs Asio, so only the files that accept or
// move bytes include it.

#include <boost/asio/ip/tcp.hpp>

#include "net/internal/ssl.h"
#include "net/internal/transport.h"

namespace trustee::net {

struct Transport::State {
  explicit State(boost::asio::ip::tcp::socket s) : socket(std::move(s)) {}
  boost::asio::ip::tcp::socket socket;
  bool tls = false;  ///< then nothing moves without `ssl`
  SslPtr ssl;
};

}  // namespace trustee::net
