#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/strong.h"
#include "base/wiped.h"
#include "net/deadline.h"

namespace trustee::net {

/// One header field.
struct Header {
  std::string name;   ///< as spelt
  std::string value;  ///< without the blanks around it; may be empty
};

/// Header fields in the order they came or were added. Names keep their spelling and are compared
/// without regard to ASCII case. Cost: look-up is linear.
class Headers {
 public:
  /// One more field, at the end, whether or not there is one of that name.
  void add(std::string name, std::string value);
  /// Replaces every field of that name by one, at the end.
  void set(std::string_view name, std::string value);
  /// Every field of that name; none is fine.
  void remove(std::string_view name);
  /// The first value of that name, or null. Lifetime: until the next change.
  const std::string* find(std::string_view name) const;
  /// Every value of that name, in order. Lifetime: until the next change.
  std::vector<std::string_view> all(std::string_view name) const;

  bool empty() const { return fields_.empty(); }
  std::size_t size() const { return fields_.size(); }  ///< repeated names counted each
  // In order. Lifetime: until the next change.
  std::vector<Header>::const_iterator begin() const { return fields_.begin(); }
  std::vector<Header>::const_iterator end() const { return fields_.end(); }

 private:
  std::vector<Header> fields_;
};

/// Whether two texts are the same but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// What peers are counted by: an IPv4 address, or the /64 of an IPv6 address.
using PeerKey = ByteArray<16>;

/// The other end of a connection.
struct Peer {
  std::string address;  ///< IP literal without brackets
  std::uint16_t port = 0;
  PeerKey key{};
};

/// One request as received. The body is complete; a content coding that we know is undone, another
/// left as it came. It may be a secret, so its memory is wiped.
struct Request {
  std::string method;     ///< as sent, e.g. `GET`
  std::string target;     ///< raw, not percent-decoded, query included
  int minor_version = 1;  ///< of HTTP/1
  Headers headers{};
  WipedVec body{};
  Peer peer;
  bool tls = false;                       ///< came over TLS
  RequestId id;                           ///< made by the server: 32 lower-case hex digits
  Deadline deadline = Deadline::never();  ///< by when the answer should be ready
};

/// One answer. The server adds `content-length`, `x-request-id` and `date`, and `connection` where
/// needed; fields of these names, `transfer-encoding` and what is_sendable_header refuses are left
/// out, the others are sent in their order and spelling. No content type unless set.
struct Response {
  int status = 200;
  Headers headers{};
  ByteVec body{};
  bool close = false;  ///< end the connection after this answer
};

/// An answer with a text body and its content type, or without one when `type` is empty.
Response text_response(int status, std::string_view type, std::string_view body);

/// 503 with `retry-after: 1` and no body: the answer to pool_full, peer_share_exceeded and
/// pool_stopped.
Response overload_response();

/// The reason phrase of a status, empty for unknown ones.
std::string_view reason_phrase(int status);

/// Whether `name` is an HTTP token and `value` holds no CR, LF or NUL: fit to be sent.
bool is_sendable_header(std::string_view name, std::string_view value);

}  // namespace trustee::net
