#include "authz/session_cookie.h"

#include <algorithm>

#include "authz/errors.h"
#include "authz/internal/deflate.h"
#include "authz/internal/token_bytes.h"
#include "base/cursor.h"
#include "base/try.h"
#include "codec/base64.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"

namespace trustee {

/// Opens the body of a sealed cookie in this file only.
struct SecretAccessForSession {
  static SecretAccess key() { return SecretAccess(); }
};

namespace authz {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kIdSize = 4;
constexpr std::size_t kSaltSize = 24;
constexpr std::size_t kHeaderSize = 1 + kIdSize + kSaltSize;
constexpr std::string_view kSealInfo = "trustee session cookie 1: seal";
constexpr std::string_view kIvInfo = "trustee session cookie 1: iv";
constexpr std::string_view kKeyIdInfo = "trustee session cookie 1: key id";

/// A body's first byte. An attested session holds its token deflated, or in bytes where these fit.
enum class Kind : std::uint8_t { challenge = 1, attested = 2, stored = 3, attested_bytes = 4 };

constexpr std::size_t kMaxBody =
    CookieKeyRing::kMaxCookie / 4 * 3 - kHeaderSize - crypto::kGcmTagSize;
constexpr std::size_t kHeadSize = 9;  // kind and expiry

// IV and key come from the same salt, and a salt is used once; the IV is no secret.
struct Derived {
  SecretBytes key;
  ByteVec iv;
};

Derived derive(const SecretBytes& ring_key, Bytes salt) {
  Derived out{crypto::hkdf(crypto::Hash::sha256, ring_key, salt, kSealInfo, 32), {}};
  ByteVec mac_input = to_vec(as_bytes(kIvInfo));
  mac_input.insert(mac_input.end(), salt.begin(), salt.end());
  out.iv = crypto::hmac(crypto::Hash::sha256, out.key, mac_input);
  out.iv.resize(crypto::kGcmIvSize);
  return out;
}

void put_u64(ByteVec& out, std::uint64_t n) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(n >> shift));
  }
}

void put_text(ByteVec& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(text.size()));
  const Bytes b = as_bytes(text);
  out.insert(out.end(), b.begin(), b.end());
}

void put_head(ByteVec& out, Kind kind, Time expires) {
  out.push_back(static_cast<std::uint8_t>(kind));
  put_u64(out, static_cast<std::uint64_t>(expires.time_since_epoch().count()));
}

Result<void> put_attested(ByteVec& body, const AttestedSession& session) {
  if (session.token.size() > CookieKeyRing::kMaxToken) return Errc::token_too_large;
  const bool may_fit = session.token.size() <= CookieKeyRing::kMaxCookie;
  const auto bytes = may_fit ? internal::token_bytes(session.token) : std::nullopt;
  if (bytes && kHeadSize + bytes->size() <= kMaxBody) {
    put_head(body, Kind::attested_bytes, session.expires);
    body.insert(body.end(), bytes->begin(), bytes->end());
    return {};
  }
  put_head(body, Kind::attested, session.expires);
  TRY(const ByteVec packed, internal::deflate(session.token));
  body.insert(body.end(), packed.begin(), packed.end());
  return {};
}

Result<ByteVec> body_of(const Session& session) {
  ByteVec body;
  if (const auto* challenge = std::get_if<ChallengeSession>(&session)) {
    put_head(body, Kind::challenge, challenge->expires);
    put_text(body, challenge->tee);
    put_text(body, challenge->protocol_version);
    put_text(body, challenge->nonce);
  } else if (const auto* attested = std::get_if<AttestedSession>(&session)) {
    TRY_VOID(put_attested(body, *attested));
  } else {
    const auto& stored = std::get<StoredSession>(session);
    put_head(body, Kind::stored, stored.expires);
    put_text(body, stored.id);
  }
  return body;
}

Result<std::string> text_field(Cursor& c, std::size_t max) {
  TRY(const std::size_t n, c.length_u16be(max));
  return std::string(as_text(c.take(n)));
}

Result<Session> parse_challenge(Cursor& c, Time expires) {
  ChallengeSession s;
  s.expires = expires;
  TRY(s.tee, text_field(c, 64));
  TRY(s.protocol_version, text_field(c, 256));
  TRY(s.nonce, text_field(c, 2048));
  TRY_VOID(c.finish());
  return Session(std::move(s));
}

Result<Session> parse_body(Bytes body) {
  Cursor c(body);
  const std::uint8_t kind = c.u8();
  const Time expires(Time::duration(static_cast<Time::rep>(c.u64be())));
  TRY_VOID(c.status());
  if (kind == static_cast<std::uint8_t>(Kind::challenge)) return parse_challenge(c, expires);
  if (kind == static_cast<std::uint8_t>(Kind::attested)) {
    TRY(std::string token, internal::inflate(c.take(c.remaining()), CookieKeyRing::kMaxToken));
    return Session(AttestedSession{std::move(token), expires});
  }
  if (kind == static_cast<std::uint8_t>(Kind::attested_bytes)) {
    TRY(std::string token, internal::token_of(c));
    return Session(AttestedSession{std::move(token), expires});
  }
  if (kind == static_cast<std::uint8_t>(Kind::stored)) {
    TRY(std::string id, text_field(c, 64));
    TRY_VOID(c.finish());
    return Session(StoredSession{std::move(id), expires});
  }
  return Error(Errc::cookie_malformed, "unknown kind of session");
}

Time expiry_of(const Session& session) {
  return std::visit([](const auto& s) { return s.expires; }, session);
}

}  // namespace

Result<CookieKeyRing> CookieKeyRing::create(std::vector<SecretBytes> secrets) {
  if (secrets.empty()) return Error(Errc::cookie_key_invalid, "the ring is empty");
  std::vector<Key> keys;
  for (auto& secret : secrets) {
    if (secret.size() != kKeySize) {
      return Error(Errc::cookie_key_invalid,
                   "a key has " + std::to_string(secret.size()) + " bytes instead of 32");
    }
    Key key;
    const ByteVec mac = crypto::hmac(crypto::Hash::sha256, secret, as_bytes(kKeyIdInfo));
    std::copy_n(mac.begin(), kIdSize, key.id.begin());
    key.secret = std::move(secret);
    keys.push_back(std::move(key));
  }
  return CookieKeyRing(std::move(keys));
}

CookieKeyRing CookieKeyRing::ephemeral() {
  std::vector<SecretBytes> keys;
  keys.push_back(crypto::random_secret(kKeySize));
  return std::move(create(std::move(keys))).value();
}

const CookieKeyRing::Key* CookieKeyRing::find(Bytes id) const {
  const auto it =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) { return equal(k.id, id); });
  return it == keys_.end() ? nullptr : &*it;
}

Result<std::string> CookieKeyRing::seal(const Session& session) const {
  TRY(const ByteVec body, body_of(session));
  const Key& key = keys_.front();
  ByteVec out;
  out.reserve(kHeaderSize + body.size() + crypto::kGcmTagSize);
  out.push_back(kFormat);
  out.insert(out.end(), key.id.begin(), key.id.end());
  const ByteVec salt = crypto::random_vec(kSaltSize);
  out.insert(out.end(), salt.begin(), salt.end());
  const Derived derived = derive(key.secret, salt);
  TRY(const ByteVec sealed, crypto::aes256_gcm_seal(derived.key, derived.iv, out, body));
  out.insert(out.end(), sealed.begin(), sealed.end());
  std::string cookie = codec::base64url_encode(out);
  if (cookie.size() > kMaxCookie) {
    return Error(Errc::token_too_large, std::to_string(cookie.size()) + " characters");
  }
  return cookie;
}

Result<OpenedSession> CookieKeyRing::open(std::string_view cookie, Time now) const {
  if (cookie.size() > kMaxCookie) return Error(Errc::cookie_malformed, "too long");
  auto raw = codec::base64url_decode(cookie);
  if (!raw.ok()) return Error(Errc::cookie_malformed, "not base64url");
  Cursor c(*raw);
  const std::uint8_t format = c.u8();
  const Bytes id = c.take(kIdSize);
  const auto salt = c.array<kSaltSize>();
  const Bytes sealed = c.take(c.remaining());
  if (c.failed() || format != kFormat) return Error(Errc::cookie_malformed, "unknown format");
  const Key* key = find(id);
  if (key == nullptr) return Errc::cookie_key_unknown;
  const Derived derived = derive(key->secret, salt);
  auto body =
      crypto::aes256_gcm_open(derived.key, derived.iv, Bytes(*raw).first(kHeaderSize), sealed);
  if (!body.ok()) return Errc::cookie_forged;
  auto session = parse_body(body->reveal(SecretAccessForSession::key()));
  if (!session.ok()) return Error(Errc::cookie_malformed, session.error().to_string());
  if (expiry_of(*session) < now) return Errc::session_expired;
  return OpenedSession{std::move(*session), salt};
}

}  // namespace authz
}  // namespace trustee
