#include "intel/needs.h"

#include "codec/hex.h"

namespace trustee::intel {

std::string_view to_string(TeeType tee) {
  switch (tee) {
    case TeeType::sgx:
      return "sgx";
    case TeeType::tdx:
      return "tdx";
  }
  return "";
}

std::string_view to_string(PckCa ca) {
  switch (ca) {
    case PckCa::platform:
      return "platform";
    case PckCa::processor:
      return "processor";
  }
  return "";
}

std::string cache_name(const CollateralRequest& request) {
  return std::string(to_string(request.tee)) + "/" + codec::hex_encode(request.fmspc) + "/" +
         std::string(to_string(request.ca));
}

}  // namespace trustee::intel
