#pragma once

#include "net/task.h"
#include "serve/services.h"

namespace trustee::serve {

/// `GET /kbs/admin/v1/explain/<request id>`: why a request was answered as it was.
class Explanations {
 public:
  net::Task<net::Response> answer(Context& context);
};

}  // namespace trustee::serve
