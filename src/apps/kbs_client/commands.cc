#include "apps/kbs_client/commands.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "appraise/default_policies.h"
#include "apps/kbs_client/admin_token.h"
#include "apps/kbs_client/evidence.h"
#include "apps/kbs_client/transport.h"
#include "base/try.h"
#include "client/admin_requests.h"
#include "client/errors.h"
#include "client/guest.h"
#include "client/secret_access.h"
#include "codec/base64.h"
#include "codec/blank.h"
#include "codec/printable.h"
#include "reload/files.h"

namespace trustee::apps {
namespace {

using Command = ClientOptions::Command;
using Output = ClientOptions::Output;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<std::unique_ptr<NetTransport>> connect(const ClientOptions& o) {
  std::string roots;
  if (o.cert_file) {
    auto pem = reload::read_file(*o.cert_file);
    if (!pem.ok()) {
      std::fprintf(stderr, "Failed to read: %s\n", o.cert_file->c_str());
      return std::move(pem).error();
    }
    roots = std::move(*pem);
  }
  return NetTransport::create(o.url, std::move(roots));
}

Result<client::TeeKey> tee_key(const ClientOptions& o) {
  if (!o.tee_key_file) return client::TeeKey::generate();
  TRY(const SecretText pem, reload::read_secret_file(*o.tee_key_file));
  return client::TeeKey::from_pem(pem);
}

void print_secret(const SecretBytes& secret, Output output) {
  const ByteVec& plain = secret.reveal(SecretAccessForClient::key());
  if (output == Output::raw) return print(as_text(plain));
  std::string text = codec::base64_encode(plain) + "\n";
  print(text);
  wipe(text.data(), text.size());
}

Result<void> attest(const ClientOptions& o, NetTransport& transport, attester::Machine& machine) {
  TRY(client::TeeKey key, tee_key(o));
  TRY(const auto source, evidence_source(o, machine));
  client::Guest guest(transport, *source, std::move(key), o.init_data);
  TRY(const std::string token, guest.attest());
  print(token + "\n");
  return {};
}

Result<void> get_with_token(const ClientOptions& o, NetTransport& transport) {
  if (!o.tee_key_file) {
    return Error(client::Errc::key_unsupported,
                 "if `--attestation-token` is set, `--tee_key_file` argument should also be set, "
                 "and the public part of TEE Key should be consistent with tee-pubkey in the "
                 "token.");
  }
  TRY(const client::TeeKey key, tee_key(o));
  TRY(const std::string file, reload::read_file(*o.attestation_token));
  const std::string_view token = codec::trimmed(file, codec::kBlankOrLineEnd);
  TRY_VOID(client::check_token_text(token));
  TRY(const SecretBytes secret, client::get_resource_with_token(transport, key, token, o.path));
  print_secret(secret, o.output);
  return {};
}

Result<void> get_resource(const ClientOptions& o, NetTransport& transport,
                          attester::Machine& machine, const log::Logger& logger) {
  if (o.attestation_token) return get_with_token(o, transport);
  TRY(client::TeeKey key, tee_key(o));
  TRY(const auto source, evidence_source(o, machine));
  client::Guest guest(transport, *source, std::move(key), o.init_data);
  guest.on_notice = [&](std::string_view name) {
    logger.debug("attesting, because the server said so", {{"reason", name}});
  };
  TRY(const SecretBytes secret, guest.get_resource(o.path));
  print_secret(secret, o.output);
  return {};
}

Result<client::HttpAnswer> call(NetTransport& transport, const client::HttpRequest& request) {
  TRY(client::HttpAnswer answer, transport.exchange(request));
  TRY_VOID(client::check_admin_answer(answer));
  return answer;
}

// The policy a command names: a file, or one that ships with us.
Result<std::string> resource_policy(const ClientOptions& o) {
  if (o.policy_file) return reload::read_file(*o.policy_file);
  if (!o.shipped_policy) return Error(client::Errc::request_failed, "No policy specified");
  for (const auto& policy : appraise::resource_policies()) {
    if (policy.id == *o.shipped_policy) return std::string(policy.text);
  }
  return Error(client::Errc::request_failed, "there is no policy " + *o.shipped_policy);
}

Result<void> set_policy(const ClientOptions& o, NetTransport& transport,
                        const client::AdminToken& token, const log::Logger& logger) {
  const bool attestation = o.command == Command::set_attestation_policy;
  if (attestation && o.id.empty()) logger.warn("no policy_id set; using default_cpu");
  TRY(const std::string policy,
      attestation ? reload::read_file(*o.policy_file) : resource_policy(o));
  if (!attestation && o.shipped_policy == "resource_default") {
    logger.info("--default installs the policy that refuses sample evidence only");
  }
  const std::string id = o.id.empty() ? "default_cpu" : o.id;
  TRY_VOID(call(transport, attestation
                               ? client::set_attestation_policy(o.type, id, as_bytes(policy), token)
                               : client::set_resource_policy(as_bytes(policy), token)));
  print(std::string(attestation ? "Set attestation policy success "
                                : "Set resource policy success ") +
        "\n policy: " + codec::base64_encode(as_bytes(policy)) + "\n");
  return {};
}

Result<void> set_resource(const ClientOptions& o, NetTransport& transport,
                          const client::AdminToken& token) {
  TRY(std::string bytes, reload::read_file(o.resource_file));
  TRY_VOID(call(transport, client::set_resource(o.path, as_bytes(bytes), token)));
  if (o.output == Output::compat) {
    print("Set resource success \n resource: " + codec::base64_encode(as_bytes(bytes)) + "\n");
  } else {
    print("stored " + o.path + ", " + std::to_string(bytes.size()) + " bytes\n");
  }
  wipe(bytes.data(), bytes.size());
  return {};
}

Result<void> set_reference(const ClientOptions& o, NetTransport& transport,
                           const client::AdminToken& token) {
  const auto kind = o.as_integer ? client::ValueKind::integer
                    : o.as_bool  ? client::ValueKind::boolean
                                 : client::ValueKind::text;
  TRY(const json::Value value, client::reference_value(o.value, kind, o.as_single_value));
  TRY_VOID(call(transport, client::set_sample_reference_value(o.name, value, token)));
  print("Reference Values Updated\n");
  return {};
}

Result<void> get_reference(const ClientOptions& o, NetTransport& transport,
                           const client::AdminToken& token) {
  TRY(const client::HttpAnswer answer, call(transport, client::get_reference_value(o.id, token)));
  if (o.output == Output::compat) {
    print(codec::debug_quoted(answer.body) + "\n");
    return {};
  }
  if (!json::parse(answer.body).ok()) {
    return Error(client::Errc::answer_malformed,
                 "the reference value is no JSON: " + codec::debug_quoted(answer.body));
  }
  print(codec::printable_lines(answer.body) + "\n");
  return {};
}

Result<void> administer(const ClientOptions& o, NetTransport& transport,
                        const log::Logger& logger) {
  TRY(const client::AdminToken token, admin_token_for(o, transport.is_private(), logger));
  switch (o.command) {
    case Command::set_attestation_policy:
    case Command::set_resource_policy:
      return set_policy(o, transport, token, logger);
    case Command::set_resource:
      return set_resource(o, transport, token);
    case Command::delete_resource: {
      TRY_VOID(call(transport, client::delete_resource(o.path, token)));
      print("Delete resource success\n");
      return {};
    }
    case Command::set_sample_reference_value:
      return set_reference(o, transport, token);
    case Command::get_reference_value:
      return get_reference(o, transport, token);
    case Command::attest:
    case Command::get_resource:
    case Command::admin_token:
    case Command::evidence:
      break;
  }
  return {};
}

}  // namespace

Result<void> run_client(const ClientOptions& o, attester::Machine& machine,
                        const log::Logger& logger) {
  if (o.command == Command::admin_token) {
    TRY(const std::string token, mint_admin_token(o));
    print(token + "\n");
    return {};
  }
  if (o.command == Command::evidence) {
    TRY(const client::TeeKey key, tee_key(o));
    TRY(const std::string text, evidence_text(o, machine, key));
    print(text + "\n");
    return {};
  }
  TRY(const std::unique_ptr<NetTransport> transport, connect(o));
  if (o.command == Command::attest) return attest(o, *transport, machine);
  if (o.command == Command::get_resource) return get_resource(o, *transport, machine, logger);
  return administer(o, *transport, logger);
}

}  // namespace trustee::apps
