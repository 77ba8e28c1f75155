#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace trustee::serve {

/// What the session store holds under a random id: a token too large for a cookie, and its end.
/// Shape: `{"token":"…","expires":<microseconds since 1970>}`.
ByteVec write_stored_session(std::string_view token, Time expires);
/// Errors: kbs::session_unknown (damaged, or of another form), authz::session_expired.
Result<std::string> read_stored_session(Bytes record, Time now);

}  // namespace trustee::serve
