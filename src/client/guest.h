#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "client/cookies.h"
#include "client/tee_key.h"
#include "client/transport.h"
#include "rcar/messages.h"

namespace trustee::client {

/// What a guest sends for a challenge: evidence of its devices bound to nonce and key, evidence of
/// the machine bound to these and to the devices' evidence, and the initdata.
/// Errors  those of rcar::selected_hash and of the evidence.      Source  client-and-guest.md 3.4.
Result<rcar::Attestation> attestation_for(const rcar::Challenge& challenge,
                                          EvidenceSource& evidence, const rcar::TeePubKey& key,
                                          const std::optional<std::string>& init_data);

/// A guest's side of the protocol (client-and-guest.md 3): attests, and fetches resources with the
/// session that attestation gave. One object makes one key and one session, and returns the other
/// cookies that the server sets. Texts of the server come printable, see codec/printable.h. Not
/// for several threads.
class Guest {
 public:
  static constexpr int kResourceAttempts = 3;

  Guest(Transport& transport, EvidenceSource& evidence, TeeKey key,
        std::optional<std::string> init_data);

  /// A handshake; the token, which is a JWT by its form. Errors: attestation_refused (with the
  /// server's words, code and request id), server_failed, answer_malformed, evidence_failed; of the
  /// transport.
  Result<std::string> attest();

  /// The plaintext of `/kbs/v0/resource/<path>`. Asks, attests when the server wants a session,
  /// asks again. A policy's refusal and a missing resource are final: attesting again changes
  /// neither. Errors: path_malformed, unauthorized, resource_not_found, server_failed,
  /// decrypt_failed, too_many_attempts (with the words of the last refusal); those of attest.
  Result<SecretBytes> get_resource(std::string_view path);

  /// What the warning line of the log should say when the server asked for an attestation.
  std::function<void(std::string_view)> on_notice;

 private:
  Result<HttpAnswer> exchange(HttpRequest request);
  Result<HttpAnswer> post(std::string_view path, std::string body);
  Result<std::string> send_evidence(const std::string& challenge);

  Transport& transport_;
  EvidenceSource& evidence_;
  TeeKey key_;
  std::optional<std::string> init_data_;
  Cookies cookies_;
};

/// The same with a token got elsewhere (passport): one request, the token as bearer.
Result<SecretBytes> get_resource_with_token(Transport& transport, const TeeKey& key,
                                            std::string_view token, std::string_view path);

/// A token file's content must look like a token before it is sent. Errors: token_malformed.
Result<void> check_token_text(std::string_view token);

}  // namespace trustee::client
