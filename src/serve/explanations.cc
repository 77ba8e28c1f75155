#include "serve/explanations.h"

#include "codec/json.h"
#include "decision/explanation_text.h"
#include "kbs/errors.h"
#include "serve/administration.h"
#include "serve/reply.h"

namespace trustee::serve {

net::Task<net::Response> Explanations::answer(Context& context) {
  if (auto refusal = refuse_admin(context, "explain")) co_return std::move(*refusal);
  const auto record = decisions_.find(context.route.segments[1]);
  if (record == nullptr) {
    Error unknown(kbs::Errc::decision_unknown);
    co_return refuse_in_text(context, 404, std::move(unknown));
  }
  auto work = [&] { return decision::explain(*record, clock_); };
  auto explained = co_await io_.run(context.request.peer.key, std::move(work));
  if (!explained.ok()) {
    co_return refuse_in_text(context, 500, std::move(explained).error());
  }
  const auto format = context.route.query.find("format");
  if (format != context.route.query.end() && format->second == "text") {
    const std::string subject = "request " + record->request_id.text();
    co_return net::text_response(200, "text/plain; charset=utf-8",
                                 decision::to_text(subject, *record, *explained));
  }
  co_return json_response(json::write(decision::to_json(*record, *explained)));
}

}  // namespace trustee::serve
