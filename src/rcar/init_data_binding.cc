#include "rcar/init_data_binding.h"

#include "base/try.h"
#include "crypto/digest.h"
#include "rcar/errors.h"

namespace trustee::rcar {

Result<ByteArray<32>> pcr8_of_init_data(Bytes digest) {
  if (digest.size() != 32) {
    return Error(Errc::init_data_size, "the initdata digest has " + std::to_string(digest.size()) +
                                           " bytes, PCR 8 takes 32: use algorithm sha256 or sm3");
  }
  const ByteArray<32> zeros{};
  return regularised<32>(crypto::digest(crypto::Hash::sha256, {zeros, digest}).bytes());
}

Result<InitDataBinding> init_data_binding(Tee tee, Bytes digest) {
  switch (tee) {
    case Tee::tdx:
      return InitDataBinding{"MRCONFIGID", to_vec(regularised<48>(digest))};
    case Tee::snp:
      return InitDataBinding{"HOSTDATA", to_vec(regularised<32>(digest))};
    case Tee::cca:
      return InitDataBinding{"realm personalisation value", to_vec(regularised<64>(digest))};
    case Tee::sgx:
      return InitDataBinding{"CONFIGID", to_vec(regularised<64>(digest))};
    case Tee::tpm:
    case Tee::az_snp_vtpm:
    case Tee::az_tdx_vtpm: {
      TRY(const ByteArray<32> pcr8, pcr8_of_init_data(digest));
      return InitDataBinding{"PCR 8", to_vec(pcr8)};
    }
    case Tee::nvidia:
    case Tee::nvidia_dpu:
    case Tee::csv:
    case Tee::se:
    case Tee::hygon_dcu:
    case Tee::sample:
    case Tee::sample_device:
      break;
  }
  return Errc::init_data_unbound;
}

}  // namespace trustee::rcar
