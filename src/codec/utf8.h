#pragma once

#include <string_view>

#include "base/bytes.h"

namespace trustee::codec {

/// Strict UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_utf8(Bytes in);

}  // namespace trustee::codec
