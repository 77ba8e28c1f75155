#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "amd/product.h"
#include "base/bytes.h"
#include "base/result.h"
#include "crypto/x509.h"

namespace trustee::amd {

/// What an endorsement key (VEK) endorses: one chip (VCEK) or a cloud provider's fleet (VLEK).
enum class VekKind : std::uint8_t { vcek, vlek };
std::string_view to_string(VekKind k);  ///< `VCEK`, `VLEK`

/// AMD's extensions in a VEK, all under 1.3.6.1.4.1.3704.1.
struct VekExtensions {
  std::uint8_t struct_version = 0;    ///< 0 Milan and Genoa, 1 Turin
  std::string product_name;           ///< `Milan-B0`, `Genoa`, `Turin`
  Tcb tcb;                            ///< `fmc` only when the certificate has it
  std::optional<ByteVec> hwid;        ///< 64 bytes, 8 on Turin; VCEK only
  std::optional<std::string> csp_id;  ///< VLEK only
};

/// Longest text of an extension.
inline constexpr std::size_t kMaxVekText = 127;

/// Reads the extensions; each of them must occur at most once, the integers must fit one byte.
/// Errors  vek_extension_missing, vek_extension_malformed.
/// Source  AMD, "VCEK Certificate and KDS Interface Specification", certificate extensions.
Result<VekExtensions> parse_vek_extensions(const crypto::Certificate& vek);

/// A strict DER INTEGER of 0 to 255. Errors: vek_extension_malformed.
Result<std::uint8_t> parse_der_u8(Bytes value);
/// A strict DER IA5String of at most kMaxVekText bytes. Errors: vek_extension_malformed.
Result<std::string> parse_der_ia5(Bytes value);
/// The hardware id: 8 or 64 bytes, raw or in a DER OCTET STRING. Errors: vek_extension_malformed.
Result<ByteVec> parse_hwid(Bytes value);

/// Whether the extensions are a VCEK's or a VLEK's. Errors: vek_kind_unclear.
Result<VekKind> vek_kind(const VekExtensions& extensions);
/// The product named in the certificate, stepping aside, must be `product` (or a member of its
/// line: Bergamo and Siena of Genoa). Errors: vek_product_mismatch.
Result<void> check_product_name(const VekExtensions& extensions, Product product);

}  // namespace trustee::amd
