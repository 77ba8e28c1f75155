#include "serve/operations.h"

#include "codec/json.h"
#include "serve/administration.h"
#include "serve/reply.h"

namespace trustee::serve {
namespace {

net::Response not_ready(std::string_view why) {
  return net::text_response(503, "text/plain; charset=utf-8", std::string(why) + "\n");
}

}  // namespace

net::Response Operations::metrics() const {
  return net::text_response(200, "text/plain; version=0.0.4", registry_.exposition());
}

net::Response Operations::alive() const { return empty_response(); }

net::Task<net::Response> Operations::ready(Context& context) const {
  if (!context.world->not_ready.empty()) co_return not_ready(context.world->not_ready);
  auto look = [this] { return resources_->version(); };
  auto task = store_.run(context.request.peer.key, std::move(look));
  const auto seen = co_await task;
  // Anybody may ask: where the store lies and what is wrong with it stays out of the answer.
  if (!seen.ok()) co_return not_ready("the resources cannot be read");
  co_return empty_response();
}

net::Response Operations::generation(Context& context) const {
  if (auto refusal = refuse_admin(context, "generation")) return std::move(*refusal);
  json::Object out;
  out.append("generation", context.world->generation);
  if (context.world->resource_policy != nullptr) {
    out.append("resource_policy_sha384", context.world->resource_policy->digest());
  }
  out.append("reference_values", std::uint64_t{context.world->references->size()});
  return json_response(json::write(std::move(out)));
}

}  // namespace trustee::serve
