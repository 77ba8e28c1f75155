#include "serve/reply.h"

#include "codec/blank.h"
#include "codec/percent.h"
#include "codec/time.h"
#include "fetch/errors.h"
#include "kbs/errors.h"
#include "net/errors.h"

namespace trustee::serve {
namespace {

constexpr std::string_view kCookieName = "kbs-session-id";

std::optional<std::string> cookie_in(std::string_view field) {
  while (!field.empty()) {
    const std::size_t end = field.find(';');
    const std::string_view pair = codec::trimmed(field.substr(0, end), codec::kBlank);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos &&
        codec::percent_decode(codec::trimmed(pair.substr(0, equals), codec::kBlank)) ==
            kCookieName) {
      return codec::percent_decode(codec::trimmed(pair.substr(equals + 1), codec::kBlank));
    }
    if (end == std::string_view::npos) break;
    field.remove_prefix(end + 1);
  }
  return std::nullopt;
}

/// A vendor's document would come, but not now: its service is asked at its pace.
bool is_wait_for_vendor(const Error& error) {
  return error.is(fetch::Errc::overloaded) || error.is(fetch::Errc::budget_exhausted) ||
         error.is(fetch::Errc::peer_budget_exhausted);
}

/// `response` with what every refusal carries, unless there was no room.
net::Response refused(Context& context, net::Response response, Error cause) {
  if (is_overload(cause)) {
    response = net::text_response(503, "", "");
    response.headers.add("retry-after", is_wait_for_vendor(cause) ? "10" : "1");
  }
  const Code code = cause.code();
  response.headers.add("trustee-code", code.id());
  response.headers.add("trustee-actor", std::string(to_string(code.actor())));
  context.refusal = std::move(cause);
  return response;
}

}  // namespace

bool is_overload(const Error& error) {
  return is_wait_for_vendor(error) || error.is(net::Errc::pool_full) ||
         error.is(net::Errc::peer_share_exceeded) || error.is(net::Errc::pool_stopped) ||
         error.is(kbs::Errc::overloaded);
}

net::Response refuse(Context& context, kbs::Problem problem) {
  net::Response response = net::text_response(problem.status(), "", problem.body());
  return refused(context, std::move(response), std::move(problem.cause));
}

net::Response refuse_in_text(Context& context, int status, Error cause) {
  const std::string text = cause.to_string() + "\n";
  return refused(context, net::text_response(status, "text/plain; charset=utf-8", text),
                 std::move(cause));
}

net::Response json_response(std::string_view body) {
  return net::text_response(200, "application/json", body);
}

net::Response empty_response() { return net::text_response(200, "", ""); }

std::string session_cookie(std::string_view value, Time expires, bool tls) {
  std::string out(kCookieName);
  out += '=';
  out += value;
  out += "; Expires=" + codec::http_date(expires) + "; HttpOnly; Path=/kbs/v0; SameSite=Strict";
  if (tls) out += "; Secure";
  return out;
}

std::optional<std::string> session_cookie_of(const net::Headers& headers) {
  for (const std::string_view field : headers.all("cookie")) {
    if (auto value = cookie_in(field)) return value;
  }
  return std::nullopt;
}

}  // namespace trustee::serve
