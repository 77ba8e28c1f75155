#pragma once

#include <string>

#include "base/result.h"
#include "crypto/digest.h"

namespace trustee::attester {

/// Something a guest did that its quotes shall tell of. Shape   `domain` and `operation` without
/// blank or newline, `content` without newline.
struct RuntimeEvent {
  std::string domain;
  std::string operation;
  std::string content;
};

/// The event as it is hashed: u32 0x4141454C, u32 length, `domain operation content`.
/// Errors  event_malformed.
Result<ByteVec> event_data(const RuntimeEvent& event);

/// The log's entry for a register: TCG2 EV_EVENT_TAG with one digest of event_data.
/// Errors  event_malformed.
/// Source  client-and-guest specification 4.4.
Result<ByteVec> event_entry(std::uint32_t register_index, crypto::Hash hash,
                            const RuntimeEvent& event);

/// The number of a digest in TCG logs.
std::uint16_t tcg_number(crypto::Hash hash);

}  // namespace trustee::attester
