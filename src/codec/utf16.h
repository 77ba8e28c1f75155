#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace trustee::codec {

/// UTF-8 of little-endian UTF-16; nothing for an odd length or an unpaired surrogate.
std::optional<std::string> utf16le_decode(Bytes in);
/// The same with U+FFFD in place of each unpaired surrogate; an odd last byte is dropped.
std::string utf16le_lossy(Bytes in);

}  // namespace trustee::codec
