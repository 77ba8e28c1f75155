#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "intel/needs.h"
#include "intel/tcb_info.h"

namespace trustee::intel {

/// Who a quoting enclave has to be: `QE` for SGX quotes, `TD_QE` for TDX quotes.
struct QeIdentity {
  TeeType tee = TeeType::tdx;
  Time issue_date;
  Time next_update;
  std::uint32_t evaluation_number = 0;
  ByteArray<4> misc_select{};
  ByteArray<4> misc_select_mask{};
  ByteArray<16> attributes{};
  ByteArray<16> attributes_mask{};
  ByteArray<32> mrsigner{};
  std::uint16_t isv_prod_id = 0;
  std::vector<IsvLevel> levels;  ///< descending
};

/// Reads the object `enclaveIdentity`, version 2. The identity of the verification enclave (`QVE`)
/// is refused: no quote is made by it.
/// Errors  qe_identity_malformed.
/// Source  verifiers specification 5.4; Intel PCS API v4, "Get Quoting Enclave Identity".
Result<QeIdentity> parse_qe_identity(std::string_view body);

}  // namespace trustee::intel
