#pragma once

#include <optional>
#include <string>

#include "net/task.h"
#include "serve/blocking.h"
#include "serve/decisions.h"
#include "serve/services.h"
#include "serve/session_shelf.h"

namespace trustee::serve {

/// The plugin routes: who asks (administrator or attested guest), whether the policy allows it, the
/// resource, the answer encrypted to the guest (kbs.md 3.3, 6.2, 9.1).
class Resources {
 public:
  Resources(std::shared_ptr<kv::Namespace> resources, SessionShelf& shelf, Settings settings,
            net::ComputePool& compute, StoreRunner store, metrics::KbsMetrics& metrics,
            Decisions& decisions, log::Logger logger);

  net::Task<net::Response> answer(Context& context);

 private:
  using Checked = std::shared_ptr<const authz::CheckedToken>;
  struct Found {
    std::string text;       ///< the token
    std::string cache_key;  ///< the text it came in: the cookie, or the token itself
    Time valid_until;
  };

  /// What the policy gave, and the record that says so.
  struct Granted {
    authz::Grant grant;
    Decisions::Shared record;
  };

  net::Task<net::Response> administer(Context& context);
  net::Task<net::Response> release(Context& context);
  net::Task<net::Response> hand_over(Context& context, const authz::CheckedToken& token,
                                     const authz::Grant& grant);
  net::Task<Result<Checked>> token(Context& context);
  net::Task<Result<Found>> find_token(Context& context);
  Result<Granted> decide(const Context& context, const authz::CheckedToken& token);
  authz::ResourceRequest request_of(const Context& context) const;

  kbs::Vault vault_;
  SessionShelf& shelf_;
  Settings settings_;
  net::ComputePool& compute_;
  StoreRunner store_;
  metrics::KbsMetrics& metrics_;
  Decisions& decisions_;
  TokenCache tokens_;
  log::Logger logger_;
};

/// The administrator's request as the ACLs see it.
authz::AdminRequest admin_request(const Context& context);

}  // namespace trustee::serve
