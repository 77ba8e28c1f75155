#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "snp/evidence.h"

namespace trustee::snp::internal {

/// Reads evidence of the usual shape straight into its fields: known members only, each once, plain
/// names, plain integers. Nothing: the text has another shape, ask read_any_shape. Whatever this
/// accepts, read_any_shape accepts with the same result (fuzz/snp/evidence.cc).
/// Cost  one pass, no allocation but the certificates: a twentieth of read_any_shape.
std::optional<Evidence> read_usual_shape(std::string_view json);

/// The rule: any JSON text. Errors: evidence_malformed.
Result<Evidence> read_any_shape(std::string_view json);

}  // namespace trustee::snp::internal
