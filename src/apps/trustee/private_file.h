#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trustee::apps {

/// Writes a file that must not exist yet, mode 0600; it is there whole or not at all, also when
/// several processes write it. What processes that died left beside it goes an hour later.
/// Errors: reload::file_unreadable.
Result<void> create_private_file(const std::string& path, std::string_view content);
/// Replaces a file as one step, mode 0600. The same otherwise.
Result<void> replace_private_file(const std::string& path, std::string_view content);

/// Whether a command may put its output in a place: nothing is there, or a regular file; a link, a
/// device or a directory is none. Errors: reload::material_invalid.
Result<void> check_output(const std::string& path);

}  // namespace trustee::apps
