#pragma once

#include "base/secret.h"

namespace trustee {

/// Opens the secret that the user asked for, where it is printed.
struct SecretAccessForClient {
  static SecretAccess key() { return SecretAccess(); }
};

}  // namespace trustee
