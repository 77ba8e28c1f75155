#include "control/endpoints.h"

#include "base/try.h"
#include "control/reader_check.h"

namespace trustee::control {
namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

net::Response plain(int status, std::string_view text) {
  return net::text_response(status, kText, text);
}

std::string path_of(const net::Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

net::Response exposition(MetricsDesk& desk) {
  desk.metrics.observe_process();
  return net::text_response(200, "text/plain; version=0.0.4; charset=utf-8",
                            desk.registry.exposition());
}

net::Response answer_to(const Result<ReaderCheck>& check, MetricsDesk& desk) {
  if (!check.ok()) return plain(503, "the API server cannot be asked");
  switch (*check) {
    case ReaderCheck::unknown:
      return plain(401, "Unauthorized");
    case ReaderCheck::refused:
      return plain(403, "Forbidden");
    case ReaderCheck::allowed:
      break;
  }
  return exposition(desk);
}

net::Task<net::Response> metrics_answer(net::Request request, MetricsDesk& desk) {
  if (path_of(request) != "/metrics") co_return plain(404, "not found");
  if (!desk.secure) co_return exposition(desk);
  const std::string* field = request.headers.find("authorization");
  if (field == nullptr) co_return plain(401, "Unauthorized");
  const std::string authorization = *field;
  auto ask = [&desk, &authorization] { return check_reader(desk.client, authorization); };
  const Result<ReaderCheck> check = co_await desk.pool.run(request.peer.key, std::move(ask));
  co_return answer_to(check, desk);
}

net::Task<net::Response> health_answer(net::Request request, bool ready) {
  const std::string path = path_of(request);
  if (path == "/healthz") co_return plain(200, "ok");
  if (path != "/readyz") co_return plain(404, "not found");
  if (ready) co_return plain(200, "ok");
  co_return plain(503, "the first lists are not complete");
}

}  // namespace

std::vector<std::string> sockets_of(std::string_view bind_address) {
  if (bind_address.empty() || bind_address == "0") return {};
  const std::string given(bind_address);
  if (bind_address.starts_with(':')) return {"0.0.0.0" + given, "[::]" + given};
  return {given};
}

Endpoint::Endpoint(std::unique_ptr<net::Server> server)
    : server_(std::move(server)), thread_([s = server_.get()] { s->run(); }) {}

Endpoint::~Endpoint() {
  server_->stop_now();
  thread_.join();
}

Result<std::unique_ptr<Endpoint>> Endpoint::create(net::ServerConfig config, net::Handler handler) {
  config.workers = 1;
  config.limits = kEndpointLimits;
  auto made = net::Server::create(config, handler);
  const bool both = config.sockets.size() > 1;
  if (!made.ok() && both && made.error().is(net::Errc::bind_failed)) {
    config.sockets.resize(1);
    made = net::Server::create(std::move(config), std::move(handler));
  }
  TRY(auto server, std::move(made));
  return std::unique_ptr<Endpoint>(new Endpoint(std::move(server)));
}

net::Handler health_handler(std::function<bool()> ready) {
  return [ready = std::move(ready)](net::Request request) {
    return health_answer(std::move(request), ready());
  };
}

net::Handler metrics_handler(MetricsDesk& desk) {
  return [&desk](net::Request request) { return metrics_answer(std::move(request), desk); };
}

}  // namespace trustee::control
