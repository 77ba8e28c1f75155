#pragma once

#include <optional>

#include "amd/crl.h"
#include "base/bytes.h"
#include "base/result.h"
#include "fetch/engine.h"
#include "snp/needs.h"

namespace trustee::fetch {

/// What was got for one item of SNP evidence; exactly what its Needs name.
struct SnpCollateral {
  std::optional<ByteVec> vcek;  ///< DER
  std::optional<amd::ArkCrl> crl;
};

/// Everything that `needs` names, if it is at hand; nothing when one thing is missing. Never waits.
std::optional<SnpCollateral> peek_for(const snp::Needs& needs, Engine& engine);
/// The same, whatever it takes until the deadline. Blocking. Errors: those of Engine::get.
Result<SnpCollateral> get_for(const snp::Needs& needs, Engine& engine, const Asker& asker);

}  // namespace trustee::fetch
