#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::codec {

std::string hex_encode(Bytes in);  ///< lower case
/// Either letter case, even length. Errors: hex_malformed.
Result<ByteVec> hex_decode(std::string_view text);

}  // namespace trustee::codec
