#pragma once

#include "base/error.h"

namespace trustee::codec {

#define TRUSTEE_CODEC_ERRORS(X)                                                             \
  X(hex_malformed, guest, "the text is not hexadecimal or has an odd length")               \
  X(base64_malformed, guest, "the text is not base64 of the expected alphabet and padding") \
  X(utf8_malformed, guest, "the bytes are not UTF-8")                                       \
  X(json_syntax, guest, "the text is not JSON")                                             \
  X(json_too_large, guest, "the JSON text exceeds its size limit")                          \
  X(json_too_deep, guest, "the JSON text is nested too deeply")                             \
  X(json_duplicate_member, guest, "a member name is repeated")                              \
  X(json_missing_member, guest, "a required member is missing")                             \
  X(json_wrong_type, guest, "a member has the wrong type")                                  \
  X(json_not_canonicalisable, guest, "a number has no canonical form")                      \
  X(der_malformed, guest, "the bytes are not strict DER of the expected type")              \
  X(pem_malformed, administrator, "the text is not PEM of the expected kind")               \
  X(time_malformed, guest, "the text is not a time of the expected form")
TRUSTEE_ERROR_CODES(Errc, "codec", TRUSTEE_CODEC_ERRORS)

}  // namespace trustee::codec
