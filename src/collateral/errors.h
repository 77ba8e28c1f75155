#pragma once

#include "base/error.h"

namespace trustee::collateral {

#define TRUSTEE_COLLATERAL_ERRORS(X)                                                          \
  X(document_id_malformed, administrator, "that is not the name of a document")               \
  X(record_malformed, administrator, "a kept document does not have the form it was kept in") \
  X(record_too_large, vendor, "the document is larger than any that is kept")                 \
  X(bundle_malformed, administrator, "the file is not a bundle of collateral")                \
  X(bundle_not_trusted, administrator, "the bundle is not signed by the key that was given")  \
  X(bundle_key_unusable, administrator, "bundles are signed with Ed25519, P-256 or P-384 keys")
TRUSTEE_ERROR_CODES(Errc, "collateral", TRUSTEE_COLLATERAL_ERRORS)

}  // namespace trustee::collateral
