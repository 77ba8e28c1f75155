#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "codec/json.h"
#include "crypto/key.h"

namespace trustee::operators {

/// The `data` of `<tc>-auth-secret`: `privateKey`, PKCS#8, and `publicKey`, SubjectPublicKeyInfo,
/// both PEM in base64. Source: operator specification, section 3.5.
json::Object auth_secret_data(const crypto::PrivateKey& key);

/// The `data` of `<kc>-session-keys`: `current`, a session key of 32 bytes as hex, as
/// `session_key_paths` of the KBS wants it. Source: docs/configuration.md.
json::Object session_key_data(const SecretBytes& key);

}  // namespace trustee::operators
