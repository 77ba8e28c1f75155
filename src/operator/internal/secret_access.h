#pragma once

#include "base/secret.h"

namespace trustee {

/// Opens keys that were made here, to put them into the body of a Kubernetes Secret.
struct SecretAccessForOperator {
  static SecretAccess key() { return SecretAccess(); }
};

}  // namespace trustee
