#include "fetch/snp_needs.h"

#include "base/try.h"

namespace trustee::fetch {

Result<SnpCollateral> get_for(const snp::Needs& needs, VcekFetcher& vceks, CrlFetcher& crls,
                              const amd::RootSet& roots, std::string_view peer, Time deadline) {
  SnpCollateral out;
  if (needs.vcek.has_value()) {
    TRY(out.vcek, vceks.get(*needs.vcek, roots, peer, deadline));
  }
  if (needs.crl.has_value()) {
    TRY(out.crl, crls.get(needs.crl->product, needs.crl->kind, roots, deadline));
  }
  return out;
}

}  // namespace trustee::fetch
