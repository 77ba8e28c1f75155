#include "serve/trusted_aks.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/try.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::serve {
namespace {

namespace fs = std::filesystem;

/// The files of a directory in the order of their names.
Result<std::vector<std::string>> files_of(const std::string& directory) {
  std::error_code failure;
  std::vector<std::string> out;
  fs::directory_iterator entries(directory, failure);
  for (; !failure && entries != fs::directory_iterator(); entries.increment(failure)) {
    if (entries->path().filename().string().starts_with('.')) continue;
    if (entries->is_directory(failure)) continue;
    out.push_back(entries->path().string());
  }
  if (failure) {
    return Error(reload::Errc::file_unreadable, directory + ": " + failure.message());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Result<tpm_evidence::Policy> tpm_policy(const config::TpmVerifier& config) {
  tpm_evidence::Policy policy;
  if (!config.trusted_ak_keys_dir.has_value()) return policy;  // as upstream: any key
  policy.ak_trust = tpm_evidence::AkTrust::listed;
  policy.trusted_aks = tpm_evidence::AkStore(static_cast<std::size_t>(config.max_trusted_ak_keys));
  const auto attributes = config.require_restricted_ak ? tpm_evidence::Attributes::required
                                                       : tpm_evidence::Attributes::as_given;
  TRY(const std::vector<std::string> files, files_of(*config.trusted_ak_keys_dir));
  for (const std::string& path : files) {
    TRY(const std::string content, reload::read_file(path));
    TRY_VOID(policy.trusted_aks.add(as_bytes(content), attributes)
                 .while_doing("reading the trusted attestation key " + path));
  }
  return policy;
}

}  // namespace trustee::serve
