#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kv/errors.h"

namespace trustee::store {

/// The members of a LocalJson file: key -> base64url text with padding. A text that is no base64
/// spoils its own key only, when it is read; it is kept as it is when the file is rewritten.
using JsonEntries = std::map<std::string, std::string, std::less<>>;

/// Limits of one file.
inline constexpr std::size_t kMaxJsonFileBytes = 256U << 20U;
inline constexpr std::size_t kMaxJsonEntries = (1U << 20U) - 1;

/// Reads a file. Of a repeated key the last member counts, as upstream has it.
/// Errors  malformed: no JSON object, or a member that is no string (the whole file is refused:
///         rvps.md case 46); too_large.
Result<JsonEntries> parse_json_entries(std::string_view text);

/// The file: one JSON object without white space, members sorted by key. Errors: too_large.
Result<std::string> write_json_entries(const JsonEntries& entries);

}  // namespace trustee::store
