#include "sgx/evidence.h"

#include <utility>

#include "base/try.h"
#include "intel/evidence.h"

namespace trustee::sgx {

Result<Evidence> parse_evidence(std::string_view json) {
  TRY(auto document, intel::read_evidence(json, intel::TeeType::sgx, kMaxEvidence));
  return Evidence{std::move(document.quote)};
}

}  // namespace trustee::sgx
