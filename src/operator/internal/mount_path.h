#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace trustee::operators::internal {

/// A path to mount at as one text: no `.`, no doubled and no last slash.
/// Errors  mount_path_invalid: not absolute, or with `..`, a colon or a control character, which
///         the API server or the runtime refuse.
Result<std::string> normal_mount_path(std::string_view path);

/// Whether one of two normal paths is the other or lies below it: one mount would hide the other.
bool overlaps(std::string_view a, std::string_view b);

/// Whether a mount at this normal path would hide the program, the system below it or what the
/// operator mounts itself, in this pod or in one of another shape.
/// Source  operator specification, section 4.3.
bool is_reserved(std::string_view path);

}  // namespace trustee::operators::internal
