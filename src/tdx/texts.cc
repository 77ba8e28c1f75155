#include "tdx/texts.h"

#include <array>
#include <string_view>

#include "eventlog/errors.h"
#include "tdx/errors.h"

namespace trustee::tdx {

namespace {

struct Row {
  Code code;
  std::string_view text;
};

}  // namespace

std::optional<std::string> upstream_text(const Error& error) {
  static const std::array kTexts{
      Row{Errc::quote_of_sgx, "expected TDX quote (v4/v5), got SGX quote (v3)"},
      Row{Errc::mr_config_id_mismatch, "MRCONFIGID is different from that in TDX Quote"},
  };
  for (const Row& row : kTexts) {
    if (error.code() == row.code) return std::string(row.text);
  }
  if (error.is(eventlog::Errc::register_mismatch)) return error.detail();
  if (error.code().module() == eventlog::kErrcDomain.module) {
    return "Parse CC Eventlog failed: " + std::string(error.code().text());
  }
  return std::nullopt;
}

}  // namespace trustee::tdx
