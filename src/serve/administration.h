#pragma once

#include "net/task.h"
#include "reload/keeper.h"
#include "serve/blocking.h"
#include "serve/services.h"

namespace trustee::serve {

/// The administrator's endpoints for policies and reference values (kbs.md 5.8, 7.1): admin check
/// before anything else, then the change through the keeper.
class Administration {
 public:
  Administration(reload::Keeper& keeper, net::ComputePool& io, bool blocking)
      : keeper_(keeper), store_(io, blocking) {}

  net::Task<net::Response> set_attestation_policy(Context& context);
  net::Task<net::Response> set_resource_policy(Context& context);
  net::Task<net::Response> list_resource_policies(Context& context);
  net::Task<net::Response> set_reference_value(Context& context);
  net::Task<net::Response> get_reference_value(Context& context);

 private:
  reload::Keeper& keeper_;
  StoreRunner store_;
};

/// The refusal of an administrator on `endpoint`, or nothing when the request is allowed.
std::optional<net::Response> refuse_admin(Context& context, std::string_view endpoint);

}  // namespace trustee::serve
