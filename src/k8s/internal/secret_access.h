#pragma once

#include "base/secret.h"

namespace trustee {

/// Opens tokens, passwords and client keys where they enter libcurl. Included by k8s/*.cc only.
struct SecretAccessForCluster {
  static const std::string& text(const SecretText& secret) { return secret.reveal(SecretAccess()); }
};

}  // namespace trustee
