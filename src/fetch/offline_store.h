#pragma once

#include <string>
#include <utility>

#include "amd/kds.h"
#include "base/bytes.h"
#include "base/result.h"

namespace trustee::fetch {

/// Largest file that is taken for a certificate.
inline constexpr std::size_t kMaxCertificateFile = 64U << 10U;

/// VCEKs in files, as mirrored from KDS (amd::offline_store_paths). Blocking.
class OfflineStore {
 public:
  explicit OfflineStore(std::string path) : path_(std::move(path)) {}

  /// The first of the request's files that exists, unchecked. A file that exists and cannot be
  /// read is an error; the next one is not tried in its place.
  /// Errors  not_found, store_unreadable.
  Result<ByteVec> vcek(const amd::VcekRequest& request) const;

 private:
  std::string path_;
};

}  // namespace trustee::fetch
