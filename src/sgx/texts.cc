#include "sgx/texts.h"

#include <array>
#include <string_view>

#include "sgx/errors.h"

namespace trustee::sgx {

namespace {

struct Row {
  Code code;
  std::string_view text;
};

}  // namespace

std::optional<std::string> upstream_text(const Error& error) {
  static const std::array kTexts{
      Row{Errc::quote_of_tdx, "expected SGX quote (v3), got non-SGX quote"},
      Row{Errc::config_id_mismatch, "CONFIGID is different from that in SGX Quote"},
  };
  for (const Row& row : kTexts) {
    if (error.code() == row.code) return std::string(row.text);
  }
  return std::nullopt;
}

}  // namespace trustee::sgx
