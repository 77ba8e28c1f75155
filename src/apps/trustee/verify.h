#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace trustee::apps {

/// `trustee verify`: one evidence file, verified and appraised on this machine.
struct VerifyOptions {
  std::string tee = "snp";
  std::string file;
  std::optional<std::string> at;           ///< date or time; default: now
  std::optional<std::string> report_data;  ///< hex; default: not checked
  std::optional<std::string> init_data;    ///< hex of the expected hash; default: not checked
  std::optional<std::string> vcek;         ///< DER or PEM, for evidence without a chain
  std::optional<std::string> offline_store;
  std::optional<std::string> collateral;  ///< JSON file of Intel's documents, for tdx and sgx
  std::optional<std::string> policy;      ///< Rego; default: the shipped default_cpu
  std::vector<std::string> references;    ///< JSON files: {"name": value, …}
  bool ignore_dates = false;
  bool json = false;
};

/// Exit status: 0 when the evidence verifies (whatever the appraisal says), 4 when it does not.
/// Errors: files and options that cannot be used.
Result<int> run_verify(const VerifyOptions& options);

}  // namespace trustee::apps
