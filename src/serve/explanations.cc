#include "serve/explanations.h"

#include "codec/json.h"
#include "decision/explain.h"
#include "kbs/errors.h"
#include "serve/administration.h"
#include "serve/reply.h"

namespace trustee::serve {
namespace {

using Explained = std::vector<decision::Explanation>;

json::Value to_json(const Explained& explained) {
  json::Array out;
  for (const auto& explanation : explained) {
    json::Object one;
    one.append("subject", explanation.subject);
    json::Array lines;
    for (const auto& line : explanation.lines) {
      lines.emplace_back(line);
    }
    one.append("lines", std::move(lines));
    one.append("evaluations", std::uint64_t{explanation.evaluations});
    one.append("exhausted", explanation.exhausted);
    out.emplace_back(std::move(one));
  }
  return json::Value(std::move(out));
}

std::string to_text(const decision::Record& record, const Explained& explained) {
  std::string out = "request " + record.request_id.text() + ": " +
                    std::string(decision::to_string(record.verdict)) + "\n";
  if (record.release) out += "resource " + record.release->resource + "\n";
  for (const auto& finding : record.findings) {
    out += "* " + finding.to_text() + "\n";
  }
  for (const auto& explanation : explained) {
    out += explanation.subject + "\n";
    for (const auto& line : explanation.lines) {
      out += "  * " + line + "\n";
    }
    if (explanation.exhausted) out += "  (the search ended at its limit; there may be more)\n";
  }
  return out;
}

}  // namespace

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
    co_return net::text_response(200, "text/plain; charset=utf-8", to_text(*record, *explained));
  }
  json::Object out;
  out.append("record", decision::to_json(*record));
  out.append("explanations", to_json(*explained));
  co_return json_response(json::write(std::move(out)));
}

}  // namespace trustee::serve
