#pragma once

#include "attester/machine.h"

namespace trustee::attester {

inline constexpr std::size_t kTdReportSize = 1024;
inline constexpr std::uint32_t kQuotingServicePort = 4050;

/// The message that asks the host's quoting service to sign a TD report: header of 16 bytes
/// (version 1.0, type 0, size, error 0), report size, size of the list of key ids (0), the report.
/// Source  Intel DCAP, quote generation service messages.
ByteVec quote_request(const ByteArray<kTdReportSize>& report);

/// The quote inside the service's answer.
/// Errors  quoting_service_failed (its error number), answer_malformed.
Result<ByteVec> quote_of_answer(Bytes answer);

}  // namespace trustee::attester
