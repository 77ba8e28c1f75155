#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace trustee::authz {

/// The challenge a guest was given, as the guest carries it back. Nothing of it is kept here.
struct ChallengeSession {
  std::string nonce;             ///< the text in the Challenge
  std::string tee;               ///< wire name of the primary TEE
  std::string protocol_version;  ///< as the Request had it
  Time expires;
};

/// An attested session: the token itself, or where it stands when it is too large for a cookie.
struct AttestedSession {
  std::string token;  ///< compact JWS
  Time expires;
};
struct StoredSession {
  std::string id;  ///< 32 lower-case hex digits; the key in the session store
  Time expires;
};

using Session = std::variant<ChallengeSession, AttestedSession, StoredSession>;

/// A session opened from a cookie. `id` names the cookie (random, 24 bytes), for counting attempts.
struct OpenedSession {
  Session session;
  ByteArray<24> id;
};

/// The keys that seal session cookies: the first seals, all of them open. Immutable; share it.
///
/// Cookie = base64url of  version(1) = 1 | key id(4) | salt(24) | AES-256-GCM(body) | tag(16),
/// key and IV from HKDF-SHA-256(ring key, salt); the 29 bytes before the ciphertext are its AAD. Of
/// a token the bytes behind its base64url are sealed, or, where these do not fit, its deflated
/// text. Source: product page section 12; docs/adr/0002.
class CookieKeyRing {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kMaxCookie = 3800;        ///< characters
  static constexpr std::size_t kMaxToken = 256U << 10U;  ///< bytes after inflating

  /// Errors: cookie_key_invalid.
  static Result<CookieKeyRing> create(std::vector<SecretBytes> keys);
  /// One fresh random key: sessions end with the process.
  static CookieKeyRing ephemeral();

  /// Errors: token_too_large when the cookie would exceed kMaxCookie. Cost: a few microseconds.
  Result<std::string> seal(const Session& session) const;
  /// Errors: cookie_malformed, cookie_key_unknown, cookie_forged, session_expired.
  Result<OpenedSession> open(std::string_view cookie, Time now) const;

 private:
  struct Key {
    ByteArray<4> id;
    SecretBytes secret;
  };
  explicit CookieKeyRing(std::vector<Key> keys) : keys_(std::move(keys)) {}
  const Key* find(Bytes id) const;

  std::vector<Key> keys_;
};

}  // namespace trustee::authz
