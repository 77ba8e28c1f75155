#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bench/support/guest.h"
#include "net/http.h"

namespace trustee::bench {

/// A whole KBS without sockets: memory stores, the built-in attestation service, the shipped
/// attestation policies. Requests are answered on the calling thread.
class KbsInProcess {
 public:
  static constexpr std::string_view kSecretPath = "default/bench/key";

  /// `resource_policy`: id of a shipped one.
  explicit KbsInProcess(std::string_view resource_policy = "resource_allow_all");
  ~KbsInProcess();
  KbsInProcess(const KbsInProcess&) = delete;
  KbsInProcess& operator=(const KbsInProcess&) = delete;

  /// Ends the program unless the answer is 200.
  net::Response answer(net::Request request);

  static net::Request auth_request();
  static net::Request attest_request(std::string cookie, std::string_view body);
  /// GET of the secret, with a field that names the guest: `cookie` or `authorization`.
  static net::Request get_request(std::string field, std::string value);

  struct Attested {
    std::string cookie;
    std::string token;
  };
  /// One handshake.
  Attested attest(const Guest& guest);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trustee::bench
