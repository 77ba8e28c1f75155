#pragma once

#include "base/secret.h"

namespace trustee {

/// Opens keys that were made here, to write them into their files.
struct SecretAccessForKeyFiles {
  static SecretAccess key() { return SecretAccess(); }
};

}  // namespace trustee
