#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace trustee::codec {

std::string rfc3339_seconds(Time t);  ///< `2026-11-24T10:05:00Z`
std::string rfc3339_millis(Time t);   ///< `2026-11-24T10:05:00.123Z`
std::string http_date(Time t);        ///< `Tue, 24 Nov 2026 10:05:00 GMT`
/// Exactly `YYYY-MM-DDTHH:MM:SSZ`. Errors: time_malformed.
Result<Time> parse_rfc3339_seconds(std::string_view text);
/// RFC 3339 with optional fraction and `Z` or a numeric offset. Errors: time_malformed.
Result<Time> parse_rfc3339(std::string_view text);
/// `Tue, 24 Nov 2026 10:05:00 GMT`, the one form of RFC 9110 5.6.7 that may still be written.
/// Errors: time_malformed.
Result<Time> parse_http_date(std::string_view text);
/// A day (`2026-11-24`, midnight UTC) or an RFC 3339 time, as `--at` takes it.
Result<Time> parse_date_or_time(std::string_view text);

}  // namespace trustee::codec
