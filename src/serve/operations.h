#pragma once

#include "metrics/registry.h"
#include "net/http.h"
#include "serve/services.h"

namespace trustee::serve {

/// What operators ask for: metrics, health, the generation in force.
class Operations {
 public:
  explicit Operations(metrics::Registry& registry) : registry_(registry) {}

  net::Response metrics() const;
  /// 200 while the process answers; says nothing of its ability to serve.
  net::Response alive() const;
  /// 200 when the world is usable, else 503 with the reason as text.
  net::Response ready(const Context& context) const;
  /// `{"generation":7,…}` for administrators.
  net::Response generation(Context& context) const;

 private:
  metrics::Registry& registry_;
};

}  // namespace trustee::serve
