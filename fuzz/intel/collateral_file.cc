#include <cstddef>
#include <cstdint>

#include "intel/collateral_file.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const intel::RootKey root = intel::RootKey::built_in();
  const auto documents = intel::parse_collateral_file(as_text({data, size}));
  if (!documents.ok()) return 0;
  (void)intel::verify_collateral(*documents, root);
  (void)intel::verify_tcb_info(documents->tcb_info, documents->tcb_info_issuer_chain, root);
  (void)intel::verify_qe_identity(documents->qe_identity, documents->qe_identity_issuer_chain,
                                  root);
  (void)intel::verify_pck_crl(documents->pck_crl, documents->pck_crl_issuer_chain, root);
  return 0;
}
