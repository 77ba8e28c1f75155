#pragma once

#include <optional>
#include <string>

#include "apps/trustee/appraise_file.h"

namespace trustee::apps {

/// `trustee explain --evidence FILE --resource PATH`: whether a server with these policies and
/// reference values would release a resource to the sender of this evidence, and if not, why.
struct ExplainFileOptions {
  EvidenceFile evidence;
  std::string resource;                        ///< repository/type/tag
  std::optional<std::string> resource_policy;  ///< Rego; default: that of `trustee up`
  bool json = false;
};

/// Prints the findings, what would change the verdict, and what was not checked because nothing was
/// given to compare with. Exit status: 0 when the resource would be released, 4 when not.
/// Errors  those of appraise_file; authz::resource_path_malformed, authz::policy_refused.
Result<int> run_explain_file(const ExplainFileOptions& options, const tee::Trust& trust);

}  // namespace trustee::apps
