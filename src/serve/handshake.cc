#include "serve/handshake.h"

#include "authz/errors.h"
#include "jose/jwt.h"
#include "kbs/auth.h"
#include "kbs/errors.h"
#include "kbs/problem.h"
#include "rcar/messages.h"
#include "serve/reply.h"

namespace trustee::serve {
namespace {

net::Response with_cookie(net::Response response, std::string_view cookie, Time expires, bool tls) {
  response.headers.add("set-cookie", session_cookie(cookie, expires, tls));
  return response;
}

// An attested session is as good as its token.
Result<void> check_still_valid(std::string_view token, Time now) {
  const auto validity = jose::unverified_validity(token);
  if (!validity.ok() || !validity->expiry) return kbs::Errc::session_unknown;
  if (*validity->expiry + jose::kLeewaySeconds < unix_seconds(now)) {
    return kbs::Errc::token_expired;
  }
  return {};
}

}  // namespace

Handshake::Handshake(SessionShelf& shelf, Settings settings, Evaluator& evaluator,
                     StoreRunner store, metrics::KbsMetrics& metrics)
    : shelf_(shelf),
      settings_(std::move(settings)),
      evaluator_(evaluator),
      store_(store),
      metrics_(metrics) {}

net::Response Handshake::auth(Context& context) {
  metrics_.auth_requests.add();
  auto challenge = kbs::issue_challenge(as_text(context.request.body), *context.world->cookie_keys,
                                        settings_.session_lifetime, context.now);
  if (!challenge.ok()) {
    metrics_.auth_errors.add();
    const std::string text = kbs::auth_failure_text(challenge.error());
    return refuse(context, kbs::auth_failed(text, std::move(challenge).error()));
  }
  metrics_.auth_successes.add();
  return with_cookie(json_response(challenge->body), challenge->cookie, challenge->expires,
                     context.request.tls);
}

net::Task<net::Response> Handshake::attest(Context& context) {
  metrics_.attestation_requests.add();
  auto work = attested(context);
  auto done = co_await work;
  if (!done.ok()) {
    if (!done.error().is(kbs::Errc::nonce_mismatch)) metrics_.attestation_errors.add();
    co_return refuse(context, kbs::attest_failed(std::move(done).error()));
  }
  net::Response response = json_response(rcar::write(rcar::TokenResponse{done->token}));
  co_return with_cookie(std::move(response), done->cookie, done->expires, context.request.tls);
}

net::Task<Result<Handshake::Attested>> Handshake::attested(Context& context) {
  auto cookie = session_cookie_of(context.request.headers);
  if (!cookie) co_return kbs::Errc::session_missing;
  auto opened = context.world->cookie_keys->open(*cookie, context.now);
  if (!opened.ok()) co_return std::move(opened).error();
  if (!std::holds_alternative<authz::ChallengeSession>(opened->session)) {
    // The body must be well-formed, but neither nonce nor evidence are looked at (kbs.md 5.3).
    auto body = rcar::parse_attestation(as_text(context.request.body));
    if (!body.ok()) co_return Error(kbs::Errc::attestation_malformed, body.error().to_string());
    auto again = repeat(context, std::move(*cookie), std::move(opened->session));
    auto out = co_await again;
    co_return out;
  }
  if (!attempts_.begin(opened->id)) co_return kbs::Errc::attempts_exhausted;
  const ByteArray<24> id = opened->id;
  auto work = appraise(context, std::move(*opened));
  auto out = co_await work;
  // What failed for want of room was no guess at anything.
  if (out.ok() || is_overload(out.error())) attempts_.take_back(id);
  co_return out;
}

net::Task<Result<Handshake::Attested>> Handshake::repeat(Context& context, std::string cookie,
                                                         authz::Session session) {
  Attested out;
  out.cookie = std::move(cookie);
  if (auto* sealed = std::get_if<authz::AttestedSession>(&session)) {
    out.token = std::move(sealed->token);
    out.expires = sealed->expires;
  } else {
    const auto& stored = std::get<authz::StoredSession>(session);
    out.expires = stored.expires;
    auto work = [&] { return shelf_.take(stored.id, context.now); };
    auto task = store_.run(context.request.peer.key, std::move(work));
    auto token = co_await task;
    if (!token.ok()) co_return std::move(token).error();
    out.token = std::move(*token);
  }
  auto valid = check_still_valid(out.token, context.now);
  if (!valid.ok()) co_return std::move(valid).error();
  co_return out;
}

net::Task<Result<Handshake::Attested>> Handshake::appraise(Context& context,
                                                           authz::OpenedSession opened) {
  const auto& session = std::get<authz::ChallengeSession>(opened.session);
  auto items = kbs::evidence_items(as_text(context.request.body), session);
  if (!items.ok()) co_return std::move(items).error();
  auto work = evaluator_.evaluate(context, std::move(*items));
  auto token = co_await work;
  if (!token.ok()) {
    metrics_.attestation_failures.with({session.tee}).add();
    co_return std::move(token).error();
  }
  metrics_.attestation_successes.with({session.tee}).add();
  auto sealing = seal(context, *token, session.expires);
  auto cookie = co_await sealing;
  if (!cookie.ok()) co_return std::move(cookie).error();
  co_return Attested{std::move(*token), std::move(*cookie), session.expires};
}

net::Task<Result<std::string>> Handshake::seal(Context& context, std::string token, Time expires) {
  const auto& keys = *context.world->cookie_keys;
  auto cookie = keys.seal(authz::AttestedSession{token, expires});
  if (cookie.ok() || !cookie.error().is(authz::Errc::token_too_large)) co_return cookie;
  // Nobody, this server included, reads a token beyond kMaxToken.
  if (token.size() > authz::CookieKeyRing::kMaxToken) co_return cookie;
  auto work = [&] { return shelf_.put(token, expires, context.now); };
  auto storing = store_.run(context.request.peer.key, std::move(work));
  auto id = co_await storing;
  if (!id.ok()) co_return std::move(id).error();
  co_return keys.seal(authz::StoredSession{std::move(*id), expires});
}

}  // namespace trustee::serve
