#pragma once

#include <string>

#include "apps/kbs_client/options.h"
#include "base/result.h"
#include "client/admin_requests.h"
#include "log/logger.h"

namespace trustee::apps {

/// The admin token of a command: the file named, one minted with --auth-private-key, else the first
/// found of `kbs/config/docker-compose/admin-token` and `$HOME/.trustee/admin-token`, else none
/// (client-and-guest.md 1.3). A token that was only found is not sent to another machine over
/// plain HTTP. Errors: a named file that cannot be read, a key that cannot sign.
Result<client::AdminToken> admin_token_for(const ClientOptions& options, bool private_channel,
                                           const log::Logger& logger);

/// A token signed with `--key`: role, iat, exp and, when given, iss and aud.
Result<std::string> mint_admin_token(const ClientOptions& options);

}  // namespace trustee::apps
