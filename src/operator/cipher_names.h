#pragma once

#include <string>
#include <string_view>

namespace trustee::operators {

/// The OpenSSL name of a cipher suite given by its IANA name. Names of TLS 1.3 and names that are
/// OpenSSL's already stay as they are; so does what has no known form, which the server refuses.
/// Source  operator specification, section 3.11; RFC 5246 and followers; openssl-ciphers(1).
std::string openssl_cipher_name(std::string_view name);

}  // namespace trustee::operators
