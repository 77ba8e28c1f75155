#pragma once

#include "net/compute_pool.h"
#include "net/task.h"
#include "serve/decisions.h"
#include "serve/services.h"

namespace trustee::serve {

/// `GET /kbs/admin/v1/explain/<request id>` for administrators: the decision record and what would
/// have changed the verdict; JSON, or lines for a person with `?format=text`. Never on a guest's
/// path.
class Explanations {
 public:
  Explanations(const Decisions& decisions, net::ComputePool& io, const Clock& clock)
      : decisions_(decisions), io_(io), clock_(clock) {}

  net::Task<net::Response> answer(Context& context);

 private:
  const Decisions& decisions_;
  net::ComputePool& io_;  ///< seconds of work must not hold the compute pool
  const Clock& clock_;
};

}  // namespace trustee::serve
