#include "serve/explanations.h"

#include "serve/administration.h"
#include "serve/reply.h"

namespace trustee::serve {

net::Task<net::Response> Explanations::answer(Context& context) {
  if (auto refusal = refuse_admin(context, "explain")) co_return std::move(*refusal);
  co_return net::text_response(404, "text/plain; charset=utf-8", "no decision is recorded\n");
}

}  // namespace trustee::serve
