#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "intel/needs.h"

namespace trustee::intel {

/// Bounds of one document; one past is refused.
inline constexpr std::size_t kMaxDocument = 1U << 20U;      ///< bytes of JSON
inline constexpr std::size_t kMaxDocumentDepth = 32;        ///< open arrays and objects
inline constexpr std::size_t kMaxTcbLevels = 256;           ///< levels of one list
inline constexpr std::size_t kMaxTdxModuleIdentities = 64;  ///< modules of one TCB info
inline constexpr std::size_t kMaxAdvisories = 256;          ///< advisories of one level

/// What Intel says of a TCB level.
enum class TcbStatus : std::uint8_t {
  up_to_date,
  sw_hardening_needed,
  configuration_needed,
  configuration_and_sw_hardening_needed,
  out_of_date,
  out_of_date_configuration_needed,
  revoked,
};
/// As in the documents, e.g. `ConfigurationAndSWHardeningNeeded`.
std::string_view to_string(TcbStatus status);

/// What every level carries besides what it is compared with.
struct TcbVerdict {
  TcbStatus status = TcbStatus::revoked;
  Time date;
  std::vector<std::string> advisories;
  friend bool operator==(const TcbVerdict&, const TcbVerdict&) = default;
};

/// Sixteen security versions, compared one by one.
using TcbComponents = ByteArray<16>;

/// A level of the platform's TCB.
struct PlatformLevel {
  TcbComponents sgx{};
  std::uint32_t pcesvn = 0;
  TcbComponents tdx{};  ///< all zero in SGX documents
  TcbVerdict verdict;
};

/// A level of an enclave or of a TDX module.
struct IsvLevel {
  std::uint16_t isvsvn = 0;
  TcbVerdict verdict;
};

/// Who a TDX module has to be.
struct TdxModule {
  ByteArray<48> mrsigner{};
  ByteArray<8> attributes{};
  ByteArray<8> attributes_mask{};
};

/// A TDX module of one major version, with levels of its own.
struct TdxModuleIdentity {
  std::string id;  ///< `TDX_01`
  TdxModule module;
  std::vector<IsvLevel> levels;  ///< descending
};

/// Intel's TCB info for one FMSPC.
struct TcbInfo {
  TeeType tee = TeeType::tdx;
  std::uint32_t version = 3;
  Time issue_date;
  Time next_update;
  Fmspc fmspc{};
  ByteArray<2> pce_id{};
  std::uint32_t evaluation_number = 0;
  std::optional<TdxModule> tdx_module;  ///< exactly in TDX documents
  std::vector<TdxModuleIdentity> module_identities;
  std::vector<PlatformLevel> levels;  ///< descending, whatever the document's order was
};

/// Reads the object `tcbInfo`, version 3 (PCS v4) or, for SGX, version 2. Unknown members are
/// passed over; levels are sorted, as their order in the document means nothing.
/// Errors  tcb_info_malformed.
/// Source  verifiers specification 5.4; Intel PCS API v4, "Get TCB Info".
Result<TcbInfo> parse_tcb_info(std::string_view body);

}  // namespace trustee::intel
