#pragma once

#include <optional>
#include <string_view>

#include "amd/crl.h"
#include "amd/roots.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "fetch/crl.h"
#include "fetch/vcek.h"
#include "snp/needs.h"

namespace trustee::fetch {

/// What was got for one item of SNP evidence.
struct SnpCollateral {
  std::optional<ByteVec> vcek;  ///< DER
  std::optional<amd::ArkCrl> crl;
};

/// Gets everything that `needs` names; one thing that cannot be had fails the whole.
/// Errors  those of VcekFetcher::get and CrlFetcher::get.
Result<SnpCollateral> get_for(const snp::Needs& needs, VcekFetcher& vceks, CrlFetcher& crls,
                              const amd::RootSet& roots, std::string_view peer, Time deadline);

}  // namespace trustee::fetch
