#pragma once

#include "base/error.h"

namespace trustee::operators {

#define TRUSTEE_OPERATOR_ERRORS(X)                                                                \
  X(config_map_missing, administrator, "a ConfigMap that is named does not exist")                \
  X(config_map_key_missing, administrator, "a ConfigMap lacks the key that is read from it")      \
  X(secret_missing, administrator, "a Secret that is named does not exist")                       \
  X(secret_wrong_type, administrator, "a TLS Secret must be of type kubernetes.io/tls")           \
  X(secret_key_missing, administrator, "a Secret lacks a key")                                    \
  X(secret_data_malformed, administrator, "the data of a Secret is not what the API serves")      \
  X(certificate_unreadable, administrator, "tls.crt holds no certificate that can be read")       \
  X(private_key_unreadable, administrator, "tls.key holds no private key that can be read")       \
  X(key_pair_mismatch, administrator, "tls.key does not belong to tls.crt")                       \
  X(certificate_not_in_force, administrator, "the certificate has expired or is not valid yet")   \
  X(certificate_lacks_name, administrator, "the certificate does not name kbs-service")           \
  X(token_key_not_p256, administrator, "the token key must be an EC key on the curve P-256")      \
  X(mount_path_invalid, administrator, "a mountPath is not absolute, or has `..` or a colon")     \
  X(tls_settings_invalid, administrator, "a TLS setting has a value that KBS does not know")      \
  X(toml_malformed, administrator, "the configuration is not TOML")                               \
  X(toml_not_editable, administrator, "the TLS settings stand where they cannot be replaced")     \
  X(configuration_invalid, administrator, "KBS would refuse this configuration")                  \
  X(policy_invalid, policy_author, "a policy cannot be used")                                     \
  X(reference_values_malformed, policy_author, "the reference values are not what is documented") \
  X(key_making_failed, service, "a key pair could not be made")
TRUSTEE_ERROR_CODES(Errc, "operator", TRUSTEE_OPERATOR_ERRORS)

}  // namespace trustee::operators
