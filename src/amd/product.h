#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/result.h"

namespace trustee::amd {

/// A line of EPYC processors that shares roots, the shape of its TCB and the size of its hardware
/// id. Genoa includes Bergamo and Siena.
enum class Product : std::uint8_t { milan, genoa, turin };

/// As in KDS paths and in certificate names: `Milan`, `Genoa`, `Turin`.
std::string_view to_string(Product p);

/// Errors  processor_family_not_supported, processor_model_not_supported.
/// Source  verifiers specification 4.2, "Generation from CPUID".
Result<Product> product_from_cpuid(std::uint8_t family, std::uint8_t model);

/// Bytes of the hardware id in a VCEK: 64, on Turin 8.
std::size_t hwid_size(Product p);

/// The security versions of one TCB_VERSION. `fmc` exists from Turin on.
struct Tcb {
  std::optional<std::uint8_t> fmc;
  std::uint8_t bootloader = 0;
  std::uint8_t tee = 0;
  std::uint8_t snp = 0;
  std::uint8_t microcode = 0;
  friend bool operator==(const Tcb&, const Tcb&) = default;
};

/// Where the parts of a TCB_VERSION stand.
enum class TcbLayout : std::uint8_t { legacy, turin };
TcbLayout tcb_layout(Product p);

/// Reads the 8 bytes of a TCB_VERSION; its unused bytes must be zero.
/// Source  SEV-SNP firmware ABI, TCB_VERSION.
Tcb read_tcb(Cursor& c, TcbLayout layout);
/// The inverse. A missing fmc is written as 0 on Turin, a present one is dropped elsewhere.
ByteArray<8> write_tcb(const Tcb& tcb, TcbLayout layout);

}  // namespace trustee::amd
