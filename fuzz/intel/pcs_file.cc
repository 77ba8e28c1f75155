// Every document of a file that is read is a span of the file's own tokens.
#include <cstdlib>

#include "codec/json_compact.h"
#include "intel/pcs_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  const auto file = intel::PcsFile::parse(text);
  if (!file.ok()) return 0;
  const std::string tokens = json::compacted(text);
  for (const auto update : {intel::TcbUpdate::early, intel::TcbUpdate::standard}) {
    for (const auto& [tee, fmspc] : file->platforms()) {
      const auto info = file->tcb_info(tee, fmspc, update);
      if (info.ok() && tokens.find(info->body) == std::string::npos) std::abort();
    }
    (void)file->qe_identity(intel::TeeType::tdx, update);
    (void)file->qe_identity(intel::TeeType::sgx, update);
  }
  (void)file->pck_crl(intel::PckCa::platform);
  (void)file->pck_crl(intel::PckCa::processor);
  return 0;
}
