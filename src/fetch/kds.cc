#include "fetch/kds.h"

#include "base/try.h"

namespace trustee::fetch {

VendorSettings kds_vendor_settings(std::string_view base_url) {
  VendorSettings out;
  if (base_url == amd::kKdsDefaultBase) out.interval = std::chrono::seconds(10);
  return out;
}

Result<void> Kds::can_ask(const amd::VcekRequest& request) const {
  auto url = amd::kds_vcek_url(base_url_, request);
  return url.ok() ? Result<void>() : Result<void>(std::move(url).error());
}

Result<ByteVec> Kds::vcek(const amd::VcekRequest& request, Time deadline) {
  TRY(const std::string url, amd::kds_vcek_url(base_url_, request));
  TRY(HttpAnswer answer, vendor_->get(url, deadline));
  return std::move(answer.body);
}

Result<ByteVec> Kds::crl(amd::Product product, amd::VekKind kind, Time deadline) {
  TRY(HttpAnswer answer, vendor_->get(amd::kds_crl_url(base_url_, product, kind), deadline));
  return std::move(answer.body);
}

}  // namespace trustee::fetch
