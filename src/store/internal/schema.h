#pragma once

#include <cstdint>

#include "store/internal/database.h"

namespace trustee::store {

/// The schema this program writes.
inline constexpr std::int64_t kSchemaVersion = 2;
/// Marks the file as ours: "TRST".
inline constexpr std::int64_t kApplicationId = 0x54525354;

/// Brings the database to kSchemaVersion, one step after the other in one transaction; an empty
/// file takes all steps. Concurrent callers wait for each other.
/// Errors  schema_too_new; malformed for a database of another program; busy, io.
Result<void> migrate(Database& db);

}  // namespace trustee::store
