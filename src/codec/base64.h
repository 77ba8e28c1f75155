#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::codec {

// Every decoder is strict: one alphabet, one padding rule, no white space, unused trailing bits
// zero. Errors: base64_malformed.

std::string base64_encode(Bytes in);            ///< standard alphabet, padded
std::string base64url_encode(Bytes in);         ///< URL alphabet, no padding
std::string base64url_padded_encode(Bytes in);  ///< URL alphabet, padded (LocalJson)
Result<ByteVec> base64_decode(std::string_view text);
Result<ByteVec> base64url_decode(std::string_view text);
Result<ByteVec> base64url_padded_decode(std::string_view text);

}  // namespace trustee::codec
