#pragma once

#include "base/error.h"

namespace trustee::client {

#define TRUSTEE_CLIENT_ERRORS(X)                                                                 \
  X(unauthorized, guest, "request unauthorized")                                                 \
  X(attestation_refused, guest, "the server refused the attestation")                            \
  X(resource_not_found, administrator, "there is no such resource")                              \
  X(server_failed, service, "the server answered with an error")                                 \
  X(answer_malformed, service, "the server's answer is not of the protocol")                     \
  X(no_session_cookie, service, "the server set no session cookie")                              \
  X(redirected, administrator, "the server redirects, which is not followed")                    \
  X(decrypt_failed, guest, "decrypt KBS response body failed")                                   \
  X(token_malformed, guest, "the attestation token file holds no token")                         \
  X(key_unsupported, guest,                                                                      \
    "private key is not RSA nor EC P256/P521 (PKCS#1, PKCS#8 and SEC1 are read)")                \
  X(path_malformed, guest, "the resource path holds a quote or a backslash")                     \
  X(evidence_failed, platform, "evidence could not be got")                                      \
  X(request_failed, administrator, "Request Failed")                                             \
  X(value_malformed, administrator, "the reference value is not of the type that was asked for") \
  X(too_many_attempts, service, "the server keeps asking for a new attestation")
TRUSTEE_ERROR_CODES(Errc, "client", TRUSTEE_CLIENT_ERRORS)

}  // namespace trustee::client
