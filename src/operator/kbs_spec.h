#pragma once

#include <string>

#include "codec/json.h"

namespace trustee::operators {

/// The spec to write into a KbsConfig, and the annotation that remembers what was generated.
struct MergedKbsSpec {
  json::Object spec;
  std::string remembered;  ///< kGeneratedSpecAnnotation
};

/// Merges the generated spec with what users changed in the stored KbsConfig. Three-way: a value
/// that is still as it was generated last follows the new generation; a changed, added or removed
/// one stays with the user. This holds for `KbsDeploymentSpec`, `KbsEnvVars`,
/// `kbsSecretResources` (an emptied list comes back), `kbsLocalCertCacheSpec` and
/// `ibmSEConfigSpec.certStorePvc` (`auto_claim` is never a user's); all else is always generated.
/// `stored` may be null.
/// Source  operator specification, section 3.7, B16; OP-41 to OP-44.
MergedKbsSpec merge_kbs_spec(json::Object generated, const json::Object* stored,
                             std::string_view auto_claim);

}  // namespace trustee::operators
