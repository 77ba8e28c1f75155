#pragma once

#include "base/error.h"

namespace trustee::kv {

#define TRUSTEE_KV_ERRORS(X)                                                             \
  X(invalid_namespace, administrator, "the namespace has an empty, `.` or `..` segment") \
  X(invalid_key, administrator, "the key contains invalid characters")                   \
  X(too_large, administrator, "the value or the whole store exceeds its size limit")     \
  X(io, service, "the store could not be read or written")                               \
  X(not_writable, administrator, "the store lies where this process may not write")      \
  X(malformed, administrator, "a stored value is not in the form this store writes")     \
  X(schema_too_new, administrator, "the store was written by a newer version")           \
  X(busy, service, "the store is locked by another process for too long")                \
  X(configuration, administrator, "the store's configuration is missing or wrong")       \
  X(backup_malformed, administrator, "the backup file is damaged or of another kind")
TRUSTEE_ERROR_CODES(Errc, "kv", TRUSTEE_KV_ERRORS)

}  // namespace trustee::kv
