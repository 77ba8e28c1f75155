#pragma once

#include <memory>

#include "kv/store.h"
#include "metrics/registry.h"
#include "net/task.h"
#include "serve/blocking.h"
#include "serve/services.h"

namespace trustee::serve {

/// What operators ask for: metrics, health, the generation in force.
class Operations {
 public:
  Operations(metrics::Registry& registry, std::shared_ptr<kv::Namespace> resources,
             StoreRunner store)
      : registry_(registry), resources_(std::move(resources)), store_(store) {}

  net::Response metrics() const;
  /// 200 while the process answers; says nothing of its ability to serve.
  net::Response alive() const;
  /// 200 when the world is usable and the resources can be read, else 503 with the reason as text.
  /// Policies and reference values that can no longer be read do not count: the last good ones
  /// serve.
  net::Task<net::Response> ready(Context& context) const;
  /// `{"generation":7,…}` for administrators.
  net::Response generation(Context& context) const;

 private:
  metrics::Registry& registry_;
  std::shared_ptr<kv::Namespace> resources_;
  StoreRunner store_;
};

}  // namespace trustee::serve
