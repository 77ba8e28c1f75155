#pragma once

#include "base/secret.h"

namespace trustee {

/// Opens secrets in tests.
struct SecretAccessForTest {
  static SecretAccess key() { return SecretAccess(); }
};

}  // namespace trustee
