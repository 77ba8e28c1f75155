#pragma once

#include "base/error.h"

namespace trustee::amd {

#define TRUSTEE_AMD_ERRORS(X)                                                                      \
  X(processor_family_not_supported, guest, "the CPU family belongs to no product line known here") \
  X(processor_model_not_supported, guest, "the CPU model belongs to no product line known here")   \
  X(root_bundle_malformed, administrator,                                                          \
    "a bundle of AMD roots must hold exactly the ASK, ARK and ASVK of one product, in this order") \
  X(certificate_malformed, guest, "a certificate of the endorsement chain cannot be parsed")       \
  X(ark_not_trusted, guest, "the ARK in the evidence is not signed by the embedded ARK")           \
  X(chain_not_trusted, guest,                                                                      \
    "the endorsement key does not chain to the embedded ARK of its product")                       \
  X(vek_key_unsupported, guest, "the endorsement key is not an ECDSA P-384 key")                   \
  X(vek_extension_missing, guest, "the endorsement key lacks an AMD extension")                    \
  X(vek_extension_malformed, guest, "an AMD extension of the endorsement key is malformed")        \
  X(vek_kind_unclear, guest, "the endorsement key must have either a hardware id or a CSP id")     \
  X(vek_product_mismatch, guest, "the endorsement key names another product than the report")      \
  X(vek_expired, platform, "a certificate of the endorsement chain is past its end of validity")   \
  X(vek_not_yet_valid, platform,                                                                   \
    "a certificate of the endorsement chain is before its start of validity")                      \
  X(vek_revoked, platform, "a certificate of the endorsement chain is revoked")                    \
  X(crl_not_trusted, vendor, "the revocation list is malformed or not signed by the ARK")          \
  X(crl_expired, vendor, "the revocation list is not yet valid or past its next update")           \
  X(crl_of_other_product, service, "the revocation list belongs to another product line")          \
  X(hardware_id_zero, platform,                                                                    \
    "the report has no hardware id (MASK_CHIP_ID), so its endorsement key cannot be asked for")    \
  X(vcek_name_malformed, administrator, "that does not name the endorsement key of a chip")        \
  X(fmc_missing, guest, "a Turin TCB must have an fmc value")                                      \
  X(endorsement_mismatch, vendor, "the endorsement key is for another chip or another TCB")
TRUSTEE_ERROR_CODES(Errc, "amd", TRUSTEE_AMD_ERRORS)

}  // namespace trustee::amd
