#include "serve/operations.h"

#include "codec/json.h"
#include "serve/administration.h"
#include "serve/reply.h"

namespace trustee::serve {

net::Response Operations::metrics() const {
  return net::text_response(200, "text/plain; version=0.0.4", registry_.exposition());
}

net::Response Operations::alive() const { return empty_response(); }

net::Response Operations::ready(const Context& context) const {
  if (context.world->not_ready.empty()) return empty_response();
  return net::text_response(503, "text/plain; charset=utf-8", context.world->not_ready + "\n");
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
