#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace trustee::apps {

/// `trustee initdata`: one initdata document, on this machine.
struct InitDataOptions {
  std::string file;                     ///< TOML
  std::optional<std::string> tee;       ///< wire name
  std::optional<std::string> evidence;  ///< JSON as the guest sends it; needs `tee`
};

/// Prints the digest in hex, or with a TEE what its field holds.
Result<void> run_init_data_digest(const InitDataOptions& options);
/// Prints what PCR 8 holds once the document is bound to it.
Result<void> run_init_data_pcr8(const InitDataOptions& options);
/// Prints the annotation that carries the document to a guest: base64 of its gzip.
Result<void> run_init_data_encode(const InitDataOptions& options);
/// Says what the document is and where each TEE carries its digest; with evidence, whether that is
/// bound to it. The evidence is compared, not verified.
/// Exit status: 0, or 4 when the evidence is bound to something else.
/// Errors of all: file_unreadable and its like, as::init_data_malformed, rcar::init_data_size,
/// rcar::init_data_unbound.
Result<int> run_init_data_check(const InitDataOptions& options);

}  // namespace trustee::apps
