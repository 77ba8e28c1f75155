#pragma once

#include "attester/machine.h"
#include "net/client.h"

namespace trustee::apps {

/// The metadata service of the cloud that this machine runs in. It is asked directly, never through
/// a proxy: what it says is of this machine alone.
class MetadataService final : public attester::Metadata {
 public:
  Result<std::string> get(const std::string& path) override;
  Result<std::string> post_json(const std::string& path, const std::string& body) override;

 private:
  Result<std::string> ask(net::ClientRequest request, const std::string& path);
};

}  // namespace trustee::apps
