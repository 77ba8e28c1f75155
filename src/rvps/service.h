#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kv/store.h"
#include "reference/record.h"

namespace trustee::rvps {

/// The namespace of the store that holds the records.
inline constexpr std::string_view kNamespace = "reference_value";

/// What an expired reference value is. The released system knows `served` only.
enum class Expired : std::uint8_t { served, withheld };

/// Registers every value of a provenance message, replacing those of the same names: all or none.
/// Shape   returns what was stored, in the extractor's order.
/// Errors  those of reference::parse_message and reference::extract; of the store.
/// Cost    blocks: call it on the I/O pool.
/// Source  rvps specification, section 9.1.
Result<std::vector<reference::ReferenceValue>> register_message(kv::Namespace& store,
                                                                std::string_view message, Time now);

/// The value stored under exactly this name, or nothing.
/// Errors  reference::record_malformed; of the store.
/// Cost    blocks: call it on the I/O pool.
Result<std::optional<json::Value>> query(kv::Namespace& store, std::string_view name,
                                         Expired expired, Time now);

/// Every record of the store. Those that cannot be read are named in `unreadable` and asked for
/// nowhere; they do not take the others with them. A file that is malformed as a whole does.
struct Loaded {
  std::vector<reference::ReferenceValue> values;
  std::vector<std::string> unreadable;  ///< keys, sorted
};
/// Errors  of the store.      Cost  reads the whole namespace; blocks.
Result<Loaded> load(kv::Namespace& store);

}  // namespace trustee::rvps
