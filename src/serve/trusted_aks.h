#pragma once

#include "base/result.h"
#include "config/types.h"
#include "tpm_evidence/verify.h"

namespace trustee::serve {

/// The policy for TPM evidence: with a directory of keys in the configuration only the attestation
/// keys of its files are trusted, each file a PEM key or a TPM's public area; files whose names
/// begin with a dot are passed over. Read once, at start; an empty directory trusts no key.
/// Errors  reload::file_unreadable, reload::file_too_large; tpm_evidence::AkStore::add's, with the
///         file named.
Result<tpm_evidence::Policy> tpm_policy(const config::TpmVerifier& config);

}  // namespace trustee::serve
