#pragma once

#include <string>
#include <vector>

#include "config/types.h"
#include "reload/watch.h"
#include "world/worlds.h"

// The parts of the world that the configuration names by files and URLs, for a Watch. Lifetime of
// all: what is given by reference outlives the watch.

namespace trustee::reload {

/// The key that signs attestation tokens, with its certificates. The key before it stays published
/// and trusted until its last token has expired. A key that no file names lives with the process.
/// `trusts_own`: tokens are believed for having been signed here (`trust_builtin_as`).
Watched token_signing_key(config::TokenBroker broker, bool trusts_own, world::Worlds& worlds);

/// Whose tokens are believed: certificates and JWK sets. Start it after the signing key.
Watched token_trust(config::AttestationToken config, world::Worlds& worlds, Texts& texts);

/// Whom administrators are believed to be: keys and JWK sets of their providers.
Watched administrators(config::Admin config, world::Worlds& worlds, Texts& texts);

/// The keys that seal session cookies, of files. A key that is no longer among them opens nothing:
/// its guests attest anew.
Watched session_keys(std::vector<std::string> paths, world::Worlds& worlds);

/// The attestation keys of TPMs that are trusted. The world must have its `trust`.
Watched trusted_tpm_keys(config::TpmVerifier config, world::Worlds& worlds);

}  // namespace trustee::reload
