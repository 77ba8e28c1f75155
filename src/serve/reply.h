#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "kbs/problem.h"
#include "net/http.h"
#include "serve/services.h"

namespace trustee::serve {

/// The refusal on the wire: status, JSON body without a content type, `Trustee-Code` and
/// `Trustee-Actor` of its cause, which the context keeps for the log. A cause that only says that
/// there was no room becomes 503 with Retry-After.
net::Response refuse(Context& context, kbs::Problem problem);

/// A refusal of what the released system does not have: plain text. Code, actor, log and want of
/// room as above.
net::Response refuse_in_text(Context& context, int status, Error cause);

/// Whether an error says only that there was no room: the same request may succeed shortly.
bool is_overload(const Error& error);

/// A JSON answer.
net::Response json_response(std::string_view body);
/// 200 without body and without content type.
net::Response empty_response();

/// `kbs-session-id=…; Expires=…; HttpOnly; Path=/kbs/v0; SameSite=Strict`, and `Secure` on TLS.
std::string session_cookie(std::string_view value, Time expires, bool tls);
/// The session cookie of a request: the first of that name over all Cookie fields, percent-decoded.
std::optional<std::string> session_cookie_of(const net::Headers& headers);

}  // namespace trustee::serve
