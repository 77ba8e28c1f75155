#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trustee::client {

/// The cookies that one server has set, to be returned to it: the session, and those of a load
/// balancer that keeps a client at one replica. Domains and paths are not looked at.
class Cookies {
 public:
  static constexpr std::string_view kSession = "kbs-session-id";
  static constexpr std::size_t kMaxOthers = 15;    ///< beside the session
  static constexpr std::size_t kMaxCookie = 4096;  ///< bytes of name and value

  /// Takes the fields `set-cookie` of an answer. One with `Max-Age` of 0 or less, or without a
  /// value, ends the cookie of its name. What is malformed, too large, or one too many is not kept.
  void take(const std::vector<std::string>& fields);
  void forget(std::string_view name);
  bool has(std::string_view name) const;
  /// The field `cookie`; empty when there is none to send.
  std::string field() const;

 private:
  void take_one(std::string_view field);

  std::vector<std::pair<std::string, std::string>> kept_;
};

}  // namespace trustee::client
