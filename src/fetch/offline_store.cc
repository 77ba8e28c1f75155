#include "fetch/offline_store.h"

#include "base/try.h"
#include "fetch/errors.h"
#include "fetch/file.h"

namespace trustee::fetch {

Result<ByteVec> OfflineStore::vcek(const amd::VcekRequest& request) const {
  for (const std::string& relative : amd::offline_store_paths(request)) {
    std::string path = path_;
    path += "/" + relative;
    TRY(auto content, read_file_if_there(path, kMaxCertificateFile));
    if (content.has_value()) return std::move(content->bytes);
  }
  return Error(Errc::not_found, path_);
}

}  // namespace trustee::fetch
