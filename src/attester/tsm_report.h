#pragma once

#include <optional>
#include <string>

#include "attester/machine.h"

namespace trustee::attester {

inline constexpr std::size_t kMaxBlob = 64U << 10U;  ///< bytes of outblob and of auxblob
inline constexpr int kTsmAttempts = 3;               ///< fresh reports before giving up
inline constexpr int kBusyAttempts = 5;              ///< reads of one blob while it is busy

/// A report of the kernel's configfs-tsm.
struct TsmReport {
  ByteVec outblob;
  ByteVec auxblob;  ///< empty when the provider has none
};

/// Whether configfs-tsm has a provider of that name, e.g. `sev_guest`; a report directory is made
/// and removed to see it. False also where configfs-tsm cannot be used.
bool tsm_belongs_to(Files& files, std::string_view provider);

/// A report for exactly 64 bytes of report data: a fresh directory of a random name, the writes,
/// the blobs, then the generation, which must count our writes and no others; the directory goes
/// whatever happens. Another writer or a busy provider: again, a bounded number of times.
/// Shape   `privilege_level` is written (as text) unless absent: SNP's VMPL.
/// Errors  provider_wrong, generation_malformed, generation_changed, of Files.
/// Source  client-and-guest specification 9.1; kernel ABI configfs-tsm-report.
Result<TsmReport> tsm_report(Machine& machine, std::string_view provider,
                             const ByteArray<64>& report_data,
                             std::optional<unsigned> privilege_level = std::nullopt);

/// The count in a `generation` file: decimal digits, one newline.
/// Errors  generation_malformed.
Result<std::uint64_t> parse_generation(std::string_view text);

}  // namespace trustee::attester
