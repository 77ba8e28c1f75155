#pragma once

#include <string_view>

#include "base/result.h"
#include "k8s/client.h"

namespace trustee::control {

/// Who asks for the metrics, and whether they may.
enum class ReaderCheck : std::uint8_t { unknown, refused, allowed };

/// Asks the API server whose token this is (TokenReview) and whether they may `get` the
/// non-resource URL `/metrics` (SubjectAccessReview). `authorization` is the value of the field.
/// Errors  those of Client::create: nobody is let in.
/// Source  operator.md section 6.3.
Result<ReaderCheck> check_reader(k8s::Client& client, std::string_view authorization);

}  // namespace trustee::control
