#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace trustee::tpm {

/// TPM_ALG_ID. Source: TCG Algorithm Registry 1.32, table 3.
inline constexpr std::uint16_t kAlgRsa = 0x0001;
inline constexpr std::uint16_t kAlgSha256 = 0x000B;
inline constexpr std::uint16_t kAlgSha384 = 0x000C;
inline constexpr std::uint16_t kAlgSha512 = 0x000D;
inline constexpr std::uint16_t kAlgNull = 0x0010;
inline constexpr std::uint16_t kAlgRsassa = 0x0014;
inline constexpr std::uint16_t kAlgRsaes = 0x0015;
inline constexpr std::uint16_t kAlgRsapss = 0x0016;
inline constexpr std::uint16_t kAlgOaep = 0x0017;
inline constexpr std::uint16_t kAlgEcdsa = 0x0018;
inline constexpr std::uint16_t kAlgEcdaa = 0x001A;
inline constexpr std::uint16_t kAlgEcc = 0x0023;

/// The SHA-2 hash with this number; nothing for others, SHA-1 among them.
std::optional<crypto::Hash> hash_of(std::uint16_t algorithm);

/// A TPM2B of at most `max` bytes: its content, as a view. Errors: CursorErrc.
Result<Bytes> read_sized(Cursor& c, std::size_t max);

}  // namespace trustee::tpm
