#include "serve/resources.h"

#include <algorithm>

#include "authz/errors.h"
#include "kbs/errors.h"
#include "kbs/problem.h"
#include "serve/reply.h"

namespace trustee::serve {
namespace {

constexpr std::string_view kResource = "resource";
// A certificate that endorses a token's key may end before the token does.
constexpr std::chrono::minutes kBelieved{5};

net::Response stored_as_xml(std::string_view body) {
  return net::text_response(200, "text/xml", body);
}

std::string admin_reason(const Error& error) {
  if (error.is(authz::Errc::admin_bearer_missing)) return error.detail();
  return "Admin access denied: " + error.detail();
}

kbs::Problem policy_problem(Error error) {
  if (error.is(authz::Errc::denied_by_policy) || error.is(authz::Errc::denied_without_decision)) {
    return kbs::policy_denied(std::move(error));
  }
  std::string text = error.is(authz::Errc::policy_missing)
                         ? "Policy `resource-policy.rego` not found"
                         : "Failed to eval policy: " + error.detail();
  return kbs::policy_engine(text, std::move(error));
}

}  // namespace

authz::AdminRequest admin_request(const Context& context) {
  authz::AdminRequest out{context.request.method, context.route.path, context.request.target,
                          std::nullopt};
  if (const std::string* header = context.request.headers.find("authorization")) {
    out.authorization = *header;
  }
  return out;
}

Resources::Resources(std::shared_ptr<kv::Namespace> resources, SessionShelf& shelf,
                     Settings settings, net::ComputePool& compute, StoreRunner store,
                     metrics::KbsMetrics& metrics, Decisions& decisions, log::Logger logger)
    : vault_(std::move(resources)),
      shelf_(shelf),
      settings_(std::move(settings)),
      compute_(compute),
      store_(store),
      metrics_(metrics),
      decisions_(decisions),
      logger_(std::move(logger)) {}

net::Task<net::Response> Resources::answer(Context& context) {
  const std::string& plugin = context.route.segments[0];
  if (!settings_.plugins.contains(plugin)) {
    co_return refuse(context, kbs::plugin_not_found(plugin));
  }
  const std::string& method = context.request.method;
  if (plugin != kResource || method == "POST" || method == "DELETE") {
    co_return co_await administer(context);
  }
  co_return co_await release(context);
}

net::Task<net::Response> Resources::administer(Context& context) {
  auto grant = context.world->admin->decide(admin_request(context), context.now);
  if (!grant.ok()) {
    const std::string reason = admin_reason(grant.error());
    co_return refuse(context, kbs::plugin_admin_refused(reason, std::move(grant).error()));
  }
  if (context.route.segments[0] != kResource) co_return stored_as_xml("sample plugin response");
  auto path = authz::ResourcePath::from_segments(std::span(context.route.segments).subspan(1));
  if (!path.ok()) co_return refuse(context, kbs::plugin_internal(std::move(path).error()));
  const bool writes = context.request.method == "POST";
  (writes ? metrics_.resource_writes : metrics_.resource_deletes).with({path->text()}).add();
  const SecretBytes value = secret_copy(context.request.body);
  WipedVec().swap(context.request.body);
  auto work = [&]() -> Result<void> {
    return writes ? vault_.write(*grant, *path, value) : vault_.remove(*grant, *path);
  };
  auto task = store_.run(context.request.peer.key, std::move(work));
  auto done = co_await task;
  if (!done.ok()) co_return refuse(context, kbs::plugin_internal(std::move(done).error()));
  co_return stored_as_xml("");
}

net::Task<net::Response> Resources::release(Context& context) {
  auto found = co_await token(context);
  if (!found.ok()) {
    const bool missing = found.error().is(authz::Errc::token_missing);
    co_return refuse(context, missing ? kbs::token_not_found(std::move(found).error())
                                      : kbs::token_refused(std::move(found).error()));
  }
  const Checked checked = std::move(*found);
  auto judge = [&] { return decide(context, *checked); };
  auto granted = co_await compute_.run_light(context.request.peer.key, std::move(judge));
  if (!granted.ok()) co_return refuse(context, policy_problem(std::move(granted).error()));
  auto handing_over = hand_over(context, *checked, granted->grant);
  net::Response response = co_await handing_over;
  // The policy allowed it, and yet the guest got nothing.
  if (context.refusal) decisions_.withheld(*granted->record, *context.refusal);
  co_return response;
}

net::Task<net::Response> Resources::hand_over(Context& context, const authz::CheckedToken& token,
                                              const authz::Grant& grant) {
  if (context.request.method != "GET") {
    Error cause(kbs::Errc::operation_unsupported, context.request.method + " on a resource");
    co_return refuse(context, kbs::plugin_internal(std::move(cause)));
  }
  if (auto path = authz::ResourcePath::from_segments(grant.request().path); path.ok()) {
    metrics_.resource_reads.with({path->text()}).add();
  }
  auto read = [&] { return vault_.read(grant); };
  auto reading = store_.run(context.request.peer.key, std::move(read));
  auto secret = co_await reading;
  if (!secret.ok()) co_return refuse(context, kbs::plugin_internal(std::move(secret).error()));
  const Result<jose::Recipient>& recipient = token.recipient();
  if (!recipient.ok()) {
    Error cause = recipient.error();
    const bool no_key =
        cause.is(authz::Errc::tee_key_missing) || cause.is(authz::Errc::tee_key_malformed);
    co_return refuse(
        context, no_key ? kbs::token_refused(std::move(cause)) : kbs::jwe_failed(std::move(cause)));
  }
  if (recipient->key_wrap() == jose::KeyWrap::rsa1_5) {
    logger_.with_request(context.request.id)
        .limited()
        .warn(
            "the guest's key asks for RSA1_5, which is deprecated; RSA-OAEP-256 is its successor");
  }
  auto seal = [&] { return recipient->encrypt(*secret); };
  auto jwe = co_await compute_.run_light(context.request.peer.key, std::move(seal));
  if (!jwe.ok()) co_return refuse(context, kbs::jwe_failed(std::move(jwe).error()));
  co_return json_response(jose::to_json_text(*jwe));
}

net::Task<Result<Resources::Checked>> Resources::token(Context& context) {
  const auto& trust = context.world->token_trust;
  // The text itself is the cache key, so a known cookie or token costs one digest.
  const auto cookie = session_cookie_of(context.request.headers);
  if (cookie) {
    if (auto known = tokens_.find(*cookie, *context.world, context.now)) co_return known;
  }
  auto finding = find_token(context);
  auto found = co_await finding;
  if (!found.ok()) co_return std::move(found).error();
  if (auto known = tokens_.find(found->cache_key, *context.world, context.now)) co_return known;
  auto check = [&] { return trust->check(found->text, context.now); };
  auto checked = co_await compute_.run_light(context.request.peer.key, std::move(check));
  if (!checked.ok()) co_return std::move(checked).error();
  const Time until = std::min(found->valid_until, context.now + kBelieved);
  tokens_.put(found->cache_key, *context.world, *checked, until);
  co_return *checked;
}

net::Task<Result<Resources::Found>> Resources::find_token(Context& context) {
  std::string why_no_session;  // for the log
  if (const auto cookie = session_cookie_of(context.request.headers)) {
    auto opened = context.world->cookie_keys->open(*cookie, context.now);
    if (opened.ok()) {
      if (auto* attested = std::get_if<authz::AttestedSession>(&opened->session)) {
        co_return Found{std::move(attested->token), *cookie, attested->expires};
      }
      why_no_session = "the session is not attested";
      if (auto* stored = std::get_if<authz::StoredSession>(&opened->session)) {
        auto work = [&] { return shelf_.take(stored->id, context.now); };
        auto reading = store_.run(context.request.peer.key, std::move(work));
        auto token = co_await reading;
        if (token.ok()) co_return Found{std::move(*token), *cookie, stored->expires};
        if (is_overload(token.error())) co_return std::move(token).error();
        why_no_session = token.error().to_string();
      }
    } else {
      why_no_session = opened.error().to_string();
    }
    metrics_.attestation_errors.add();
  }
  const std::string* header = context.request.headers.find("authorization");
  const auto bearer = header == nullptr ? std::nullopt : authz::bearer_token(*header);
  if (!bearer) co_return Error(authz::Errc::token_missing, std::move(why_no_session));
  co_return Found{std::string(*bearer), std::string(*bearer), Time::max()};
}

authz::ResourceRequest Resources::request_of(const Context& context) const {
  const auto& segments = context.route.segments;
  return {segments[0], {segments.begin() + 1, segments.end()}, context.route.query};
}

Result<Resources::Granted> Resources::decide(const Context& context,
                                             const authz::CheckedToken& token) {
  metrics_.policy_evaluations.add();
  const auto& policy = context.world->resource_policy;
  if (policy == nullptr) {
    metrics_.policy_errors.add();
    return authz::Errc::policy_missing;
  }
  const authz::ResourceRequest request = request_of(context);
  Result<authz::Grant> grant = policy->decide(token, request);
  const Result<void> decided = grant.ok() ? Result<void>() : Result<void>(grant.error());
  auto record =
      decisions_.released({context.request.id, context.now, context.world->generation, decided},
                          token, request, *policy);
  if (grant.ok()) {
    metrics_.policy_approvals.add();
    return Granted{std::move(*grant), std::move(record)};
  }
  const bool denied = grant.error().is(authz::Errc::denied_by_policy);
  const bool undecided = grant.error().is(authz::Errc::denied_without_decision);
  if (denied || undecided) metrics_.policy_violations.add();
  if (!denied) metrics_.policy_errors.add();
  return std::move(grant).error();
}

}  // namespace trustee::serve
