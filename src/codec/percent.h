#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trustee::codec {

/// Undoes `%XX`, once: `%252F` becomes `%2F`. A `%` without two hexadecimal digits stays as it is.
/// Shape   the result may be any bytes; ask is_utf8 where text is wanted.
std::string percent_decode(std::string_view text);

/// Writes every byte but the unreserved ones of RFC 3986 (letters, digits, `-._~`) as `%XX`.
std::string percent_encode(std::string_view text);

/// The pairs of a query in application/x-www-form-urlencoded, in order and with repetitions: split
/// at `&` (empty pieces skipped) and at the first `=`; `+` is a space; bytes that are not UTF-8 are
/// replaced by U+FFFD. `a` alone has an empty value. Never fails.
std::vector<std::pair<std::string, std::string>> form_decode(std::string_view query);

/// The last value under `key` (a repeated key keeps its last value), or null.
const std::string* form_value(const std::vector<std::pair<std::string, std::string>>& pairs,
                              std::string_view key);

}  // namespace trustee::codec
