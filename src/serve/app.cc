#include "serve/app.h"

#include "kbs/problem.h"
#include "net/access_line.h"
#include "serve/reply.h"

namespace trustee::serve {
namespace {

using kbs::Endpoint;

/// Whether an answer depends on policies or reference values, which others may change.
bool uses_stored_parts(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::attest:
    case Endpoint::plugin:
    case Endpoint::readyz:
    case Endpoint::generation:
    case Endpoint::explain:
      return true;
    case Endpoint::auth:
    case Endpoint::set_attestation_policy:
    case Endpoint::get_reference_value:
    case Endpoint::set_reference_value:
    case Endpoint::set_resource_policy:
    case Endpoint::list_resource_policies:
    case Endpoint::metrics:
    case Endpoint::healthz:
    case Endpoint::livez:
    case Endpoint::query_too_long:
    case Endpoint::method_not_allowed:
    case Endpoint::not_found:
      break;
  }
  return false;
}

net::Response not_allowed(std::string_view allow) {
  net::Response response = net::text_response(405, "", "");
  if (!allow.empty()) response.headers.add("allow", std::string(allow));
  return response;
}

// The words of a query that cannot be decoded (kbs.md 3.1).
net::Response query_refused() {
  return net::text_response(
      400, "text/plain; charset=utf-8",
      "Query deserialize error: longer than " + std::to_string(kbs::kMaxQuery) + " bytes");
}

// Counts a request under way for as long as it lives, however it ends.
class UnderWay {
 public:
  UnderWay(metrics::Gauge& gauge, bool counts) : gauge_(gauge), n_(counts ? 1 : 0) {
    gauge_.add(n_);
  }
  ~UnderWay() { gauge_.subtract(n_); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  metrics::Gauge& gauge_;
  std::int64_t n_;
};

// The reason for the log: a target in it, which the wire's text repeats, loses its query.
std::string loggable_cause(const Context& context) {
  std::string cause = context.refusal->to_string();
  const std::string& target = context.request.target;
  const std::size_t at =
      target.find('?') == std::string::npos ? std::string::npos : cause.find(target);
  if (at != std::string::npos) cause.replace(at, target.size(), net::without_query(target));
  return cause;
}

}  // namespace

App::App(Parts parts)
    : worlds_(parts.worlds),
      keeper_(parts.keeper),
      explanations_(parts.explanations),
      clock_(parts.clock),
      metrics_(parts.metrics),
      logger_(parts.logger),
      store_(parts.io, parts.namespaces.blocking),
      shelf_(parts.namespaces.sessions, parts.namespaces.sessions_in_memory
                                            ? SessionShelf::kMaxBytesInMemory
                                            : SessionShelf::kMaxBytes),
      handshake_(shelf_, parts.settings, parts.evaluator, store_, parts.metrics),
      resources_(parts.namespaces.resources, shelf_, parts.settings, parts.compute, store_,
                 parts.metrics, parts.decisions, parts.logger),
      administration_(parts.keeper, parts.io, parts.namespaces.blocking),
      operations_(parts.registry, parts.namespaces.resources, store_) {}

net::Task<net::Response> App::handle(net::Request request) {
  Context context;
  const UnderWay under_way(metrics_.http_active_connections, request.target.starts_with("/kbs"));
  context.route = kbs::route(request.method, request.target);
  context.request = std::move(request);
  context.now = clock_.now();
  auto catching_up = catch_up(context);
  auto caught_up = co_await catching_up;
  if (!caught_up.ok()) {
    net::Response refusal = refuse(context, kbs::plugin_internal(std::move(caught_up).error()));
    note_refusal(context);
    co_return refusal;
  }
  auto answering = dispatch(context);
  net::Response response = co_await answering;
  note_refusal(context);
  co_return response;
}

net::Task<Result<void>> App::catch_up(Context& context) {
  context.world = worlds_.current();
  if (!uses_stored_parts(context.route.endpoint) || !keeper_.is_behind()) co_return Result<void>();
  auto work = [this]() -> Result<void> {
    keeper_.catch_up();  // what cannot be read was told; the last good part answers
    return {};
  };
  auto task = store_.run(context.request.peer.key, std::move(work));
  // Without room to look nobody knows what is in force.
  auto done = co_await task;
  if (!done.ok()) co_return std::move(done).error();
  context.world = worlds_.current();
  co_return Result<void>();
}

net::Task<net::Response> App::dispatch(Context& context) {
  switch (context.route.endpoint) {
    case Endpoint::auth:
      co_return handshake_.auth(context);
    case Endpoint::attest:
      co_return co_await handshake_.attest(context);
    case Endpoint::set_attestation_policy:
      co_return co_await administration_.set_attestation_policy(context);
    case Endpoint::get_reference_value:
      co_return co_await administration_.get_reference_value(context);
    case Endpoint::set_reference_value:
      co_return co_await administration_.set_reference_value(context);
    case Endpoint::set_resource_policy:
      co_return co_await administration_.set_resource_policy(context);
    case Endpoint::list_resource_policies:
      co_return co_await administration_.list_resource_policies(context);
    case Endpoint::plugin:
      co_return co_await resources_.answer(context);
    case Endpoint::metrics:
      co_return operations_.metrics();
    case Endpoint::healthz:
    case Endpoint::livez:
      co_return operations_.alive();
    case Endpoint::readyz:
      co_return co_await operations_.ready(context);
    case Endpoint::generation:
      co_return operations_.generation(context);
    case Endpoint::explain:
      co_return co_await explanations_.answer(context);
    case Endpoint::query_too_long:
      co_return query_refused();
    case Endpoint::method_not_allowed:
      co_return not_allowed(context.route.allow);
    case Endpoint::not_found:
      break;
  }
  co_return net::text_response(404, "", "");
}

void App::note_refusal(const Context& context) {
  if (!context.refusal) return;
  logger_.with_request(context.request.id)
      .limited()
      .warn("refused", {{"code", context.refusal->code()},
                        {"actor", to_string(context.refusal->code().actor())},
                        {"method", context.request.method},
                        {"path", context.route.path},
                        {"cause", loggable_cause(context)},
                        {"generation", context.world->generation}});
}

}  // namespace trustee::serve
