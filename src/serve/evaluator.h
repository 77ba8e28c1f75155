#pragma once

#include <string>
#include <vector>

#include "kbs/attestation.h"
#include "net/task.h"
#include "serve/services.h"

namespace trustee::serve {

/// Whoever turns evidence into a token: the built-in attestation service, later a remote one.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// The signed token. Errors: those of the attestation service; of the pools.
  virtual net::Task<Result<std::string>> evaluate(Context& context,
                                                  std::vector<kbs::EvidenceItem> items) = 0;
};

}  // namespace trustee::serve
