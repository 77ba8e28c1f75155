#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "decision/record.h"
#include "rcar/tee.h"
#include "tee/tee.h"

namespace trustee::apps {

/// One evidence file, and what it is verified and appraised with. Nothing is fetched.
struct EvidenceFile {
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
};

/// What came of it: either a refusal of the verifier, or one appraisal for each claim set.
struct FileAppraisal {
  rcar::Tee kind = rcar::Tee::sample;
  Time at;
  std::optional<Error> refusal;
  rego::ReferenceSet references;
  std::vector<decision::Device> devices;
};

/// Verifies and appraises as a server with these policies and reference values would.
/// Errors: files and options that cannot be used; evidence that does not verify is no error.
Result<FileAppraisal> appraise_file(const EvidenceFile& evidence, const tee::Trust& trust);

}  // namespace trustee::apps
