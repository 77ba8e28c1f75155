#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trustee::codec {

/// Strict UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_utf8(Bytes in);

/// The text with each maximal ill-formed part replaced by U+FFFD, as Rust's from_utf8_lossy does.
std::string utf8_lossy(std::string_view text);

}  // namespace trustee::codec
