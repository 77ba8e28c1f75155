#pragma once

#include <memory>
#include <string>
#include <utility>

#include "amd/kds.h"
#include "amd/product.h"
#include "amd/vek.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "fetch/vendor.h"

namespace trustee::fetch {

/// How AMD's own service wants to be asked: it answers one request in ten seconds and address, and
/// the others with 429. A mirror is asked as often as needed.
VendorSettings kds_vendor_settings(std::string_view base_url);

/// AMD's Key Distribution Service, or a mirror of it, behind a base URL. Safe from many threads.
class Kds {
 public:
  Kds(std::string base_url, std::shared_ptr<Vendor> vendor)
      : base_url_(std::move(base_url)), vendor_(std::move(vendor)) {}

  /// Errors  amd::hardware_id_zero, amd::fmc_missing.
  Result<void> can_ask(const amd::VcekRequest& request) const;
  /// The answer's bytes, unchecked. Errors: as can_ask and Vendor::get.
  Result<ByteVec> vcek(const amd::VcekRequest& request, Time deadline);
  /// The same for the ARK's revocation list.
  Result<ByteVec> crl(amd::Product product, amd::VekKind kind, Time deadline);

 private:
  std::string base_url_;
  std::shared_ptr<Vendor> vendor_;
};

}  // namespace trustee::fetch
