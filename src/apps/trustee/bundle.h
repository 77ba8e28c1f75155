#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tee/tee.h"

namespace trustee::apps {

struct BundleOptions {
  std::string file;
  std::string private_key;  ///< signs
  std::string public_key;   ///< of whoever may pack bundles for us
  /// Sources and store of this KBS; without it, the vendors' own services and the home's store.
  std::optional<std::string> config_file;
  std::vector<std::string> documents;         ///< names, `kind/subject`
  std::optional<std::string> documents_file;  ///< one name a line
  std::vector<std::string> platforms;         ///< `tdx/90c06f000000/platform`
  std::optional<std::string> vcek_directory;  ///< a mirror of KDS
  std::optional<std::string> at;              ///< RFC 3339
};

/// `trustee bundle create`: packs the named documents, got from their sources, or everything that
/// the store holds, into one signed file. A document that cannot be had fails the whole, as does a
/// home without a store when the store is meant.
Result<void> run_bundle_create(const std::string& home_path, const BundleOptions& o,
                               const tee::Trust& trust);
/// `trustee bundle verify`: checks the signature and every document, and prints when each ends.
/// 0, or 4 when a document is not authentic or past its end.
Result<int> run_bundle_verify(const BundleOptions& o, const tee::Trust& trust);
/// `trustee bundle import`: puts the documents into the store; a running server takes them from
/// there a second later. 0, or 4 when a document was refused (the others are imported).
Result<int> run_bundle_import(const std::string& home_path, const BundleOptions& o,
                              const tee::Trust& trust);

}  // namespace trustee::apps
