#include "attester/init_data.h"

#include "attester/errors.h"
#include "attester/tpm.h"
#include "base/try.h"

namespace trustee::attester {

Result<InitDataBinding> init_data_binding(rcar::Tee tee, Bytes digest) {
  switch (tee) {
    case rcar::Tee::tdx:
      return InitDataBinding{"MRCONFIGID", to_vec(regularised<48>(digest))};
    case rcar::Tee::snp:
      return InitDataBinding{"HOSTDATA", to_vec(regularised<32>(digest))};
    case rcar::Tee::cca:
      return InitDataBinding{"realm personalisation value", to_vec(regularised<64>(digest))};
    case rcar::Tee::sgx:
      return InitDataBinding{"CONFIGID", to_vec(regularised<64>(digest))};
    case rcar::Tee::tpm:
    case rcar::Tee::az_snp_vtpm:
    case rcar::Tee::az_tdx_vtpm: {
      TRY(const ByteArray<32> pcr8, pcr8_of_init_data(digest));
      return InitDataBinding{"PCR 8", to_vec(pcr8)};
    }
    case rcar::Tee::nvidia:
    case rcar::Tee::nvidia_dpu:
    case rcar::Tee::csv:
    case rcar::Tee::se:
    case rcar::Tee::hygon_dcu:
    case rcar::Tee::sample:
    case rcar::Tee::sample_device:
      break;
  }
  return Errc::init_data_unbound;
}

}  // namespace trustee::attester
