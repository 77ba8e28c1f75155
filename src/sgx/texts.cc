#include "sgx/texts.h"

#include <array>

#include "base/code_text.h"
#include "sgx/errors.h"

namespace trustee::sgx {

std::optional<std::string> upstream_text(const Error& error) {
  static constexpr std::array kTexts{
      CodeText{Errc::quote_of_tdx, "expected SGX quote (v3), got non-SGX quote"},
      CodeText{Errc::config_id_mismatch, "CONFIGID is different from that in SGX Quote"},
  };
  if (const auto text = find_text(kTexts, error.code()); text.has_value()) {
    return std::string(*text);
  }
  return std::nullopt;
}

}  // namespace trustee::sgx
