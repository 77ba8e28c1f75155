#pragma once

#include "base/error.h"

namespace trustee::rcar {

#define TRUSTEE_RCAR_ERRORS(X)                                                                 \
  X(unknown_tee, guest, "the name is not that of a TEE")                                       \
  X(tee_key_type_unsupported, guest, "the key type of the TEE key is not RSA, EC or AKP")      \
  X(tee_key_malformed, guest, "the TEE key's values are not base64url of the right length")    \
  X(tee_key_unusable, guest, "nothing can be encrypted to a TEE key of this type or curve")    \
  X(additional_evidence_malformed, guest,                                                      \
    "the additional evidence is neither empty nor a JSON object by TEE name")                  \
  X(version_malformed, guest, "the protocol version is not a semantic version")                \
  X(version_mismatch, guest, "the protocol version is not the one spoken here")                \
  X(unexpected_json_data_type, service, "the selected hash algorithm is not a string")         \
  X(invalid_hash_algorithm, service, "the selected hash algorithm is not known")               \
  X(hash_list_malformed, guest, "the supported hash algorithms are not an array of names")     \
  X(hash_not_supported, guest, "the guest does not support the hash algorithm that is needed") \
  X(init_data_size, guest,                                                                     \
    "PCR 8 takes initdata digests of 32 bytes only: use algorithm sha256 or sm3")              \
  X(init_data_unbound, guest, "this kind of machine binds no initdata")
TRUSTEE_ERROR_CODES(Errc, "rcar", TRUSTEE_RCAR_ERRORS)

}  // namespace trustee::rcar
