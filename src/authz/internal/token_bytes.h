#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/result.h"

namespace trustee::authz::internal {

/// A compact JWS as the bytes that its three parts stand for: three quarters of its length, which
/// is about what deflating it achieves, for a fraction of the time. Shape: length of the header and
/// of the payload, two bytes each, header, payload, signature. Nothing when the token has another
/// form, or a part whose text is not the one that encoding gives, or a header or payload of 64 KiB.
std::optional<ByteVec> token_bytes(std::string_view token);

/// The token again. Takes all that remains. Errors: those of Cursor.
Result<std::string> token_of(Cursor& bytes);

}  // namespace trustee::authz::internal
