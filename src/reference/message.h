#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "reference/record.h"

namespace trustee::reference {

/// Largest envelope that is read; its payload decodes to three quarters of it at most.
inline constexpr std::size_t kMaxMessage = 16U << 20U;

/// A provenance message: which extractor reads the payload.
struct Message {
  std::string version = std::string(kVersion);
  std::string type;
  std::string payload;
};

/// Reads the envelope: a JSON object with `type`, `payload` and perhaps `version`; other members
/// are ignored. The version is checked before the type.
/// Errors  message_malformed; message_version (detail: the version given).
/// Source  rvps specification, section 5.
Result<Message> parse_message(std::string_view text);

/// The reference values in a message, in the extractor's order, valid for twelve months from `now`.
/// Errors  extractor_unknown, extractor_later (`swid`, `corim`; detail: the type); of `sample`:
///         payload_not_base64, payload_not_object; expiration_overflow.
/// Source  rvps specification, section 6.
Result<std::vector<ReferenceValue>> extract(const Message& message, Time now);

}  // namespace trustee::reference
