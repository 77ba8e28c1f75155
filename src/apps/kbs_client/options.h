#pragma once

#include <optional>
#include <string>

namespace trustee::apps {

/// What the command line asks for; which command was given, and its options.
struct ClientOptions {
  enum class Command : std::uint8_t {
    attest,
    get_resource,
    set_attestation_policy,
    set_resource_policy,
    set_resource,
    delete_resource,
    get_reference_value,
    set_sample_reference_value,
    admin_token,
    evidence,
  };
  enum class Output : std::uint8_t { compat, json, raw };

  Command command = Command::attest;
  std::string url = "http://127.0.0.1:8080";
  std::optional<std::string> cert_file;
  Output output = Output::compat;

  std::optional<std::string> tee_key_file;
  std::optional<std::string> attestation_token;
  std::optional<std::string> init_data;
  std::optional<std::string> tee;          ///< wire name; default: what the machine is
  std::optional<std::string> report_data;  ///< hex
  std::optional<std::string> nonce;        ///< of a challenge

  std::optional<std::string> admin_token_file;
  std::optional<std::string> auth_private_key;
  std::string path;
  std::string id;
  std::string type = "rego";
  std::optional<std::string> policy_file;
  std::optional<std::string> shipped_policy;  ///< id of a policy that ships with us
  std::string resource_file;
  std::string name;
  std::string value;
  bool as_integer = false;
  bool as_bool = false;
  bool as_single_value = false;

  std::string key_file;
  std::optional<std::string> issuer;
  std::optional<std::string> audience;
  std::string role = "admin";
  std::int64_t ttl_seconds = 3600;
};

/// Parses the command line. An exit status when there is nothing to run: help and version (0), a
/// usage error (2).
struct Parsed {
  ClientOptions options;
  std::optional<int> exit_status;
};
Parsed parse_client_options(int argc, char** argv);

}  // namespace trustee::apps
