#include "tdx/texts.h"

#include <array>

#include "base/code_text.h"
#include "eventlog/errors.h"
#include "tdx/errors.h"

namespace trustee::tdx {

std::optional<std::string> upstream_text(const Error& error) {
  static constexpr std::array kTexts{
      CodeText{Errc::quote_of_sgx, "expected TDX quote (v4/v5), got SGX quote (v3)"},
      CodeText{Errc::mr_config_id_mismatch, "MRCONFIGID is different from that in TDX Quote"},
  };
  if (const auto text = find_text(kTexts, error.code()); text.has_value()) {
    return std::string(*text);
  }
  if (error.is(eventlog::Errc::register_mismatch)) return error.detail();
  if (error.code().module() == eventlog::kErrcDomain.module) {
    return "Parse CC Eventlog failed: " + std::string(error.code().text());
  }
  return std::nullopt;
}

}  // namespace trustee::tdx
