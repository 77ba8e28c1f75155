#include "apps/kbs_client/options.h"

#include <CLI/CLI.hpp>

#include "apps/process/process.h"

namespace trustee::apps {
namespace {

using Command = ClientOptions::Command;

void add_guest_options(CLI::App* app, ClientOptions& o) {
  app->add_option("--tee", o.tee,
                  "Kind of machine to attest as: tdx, az-tdx-vtpm, az-snp-vtpm, snp, tpm, sample; "
                  "default: what this machine is")
      ->envname("TRUSTEE_TEE");
  app->add_option("--tee-key-file", o.tee_key_file,
                  "PEM private key of the guest (RSA, EC P-256 or P-521); default: a fresh P-256 "
                  "key");
  app->add_option("INIT_DATA", o.init_data, "Initdata (TOML) that the guest was started with");
}

CLI::App* command(CLI::App* parent, const char* name, const char* help, ClientOptions& o,
                  Command which) {
  CLI::App* sub = parent->add_subcommand(name, help);
  sub->fallthrough();
  sub->callback([&o, which] { o.command = which; });
  return sub;
}

void add_policy_commands(CLI::App* config, ClientOptions& o) {
  CLI::App* attestation =
      command(config, "set-attestation-policy", "Set the policy that appraises evidence", o,
              Command::set_attestation_policy);
  attestation->add_option("--type", o.type, "Language of the policy")->capture_default_str();
  attestation->add_option("--id", o.id, "Policy id (default_cpu, default_gpu, ...)");
  attestation->add_option("--policy-file", o.policy_file, "Rego policy")->required();

  CLI::App* resource = command(config, "set-resource-policy",
                               "Set the policy that decides who may read which resource", o,
                               Command::set_resource_policy);
  CLI::Option_group* group = resource->add_option_group("policy");
  group->require_option(0, 1);
  group->add_option("--policy-file", o.policy_file, "Rego policy");
  const auto shipped = [&](const char* flag, const char* id, const char* help) {
    group->add_flag_callback(flag, [&o, id] { o.shipped_policy = id; }, help);
  };
  shipped("--allow-all", "resource_allow_all", "Everybody who attested may read every resource");
  shipped("--deny-all", "resource_deny_all", "Nobody may read anything");
  shipped("--affirming", "resource_affirming", "Only guests whose status is affirming");
  shipped("--default", "resource_default", "Everybody but guests with sample evidence");
}

void add_resource_commands(CLI::App* config, ClientOptions& o) {
  CLI::App* set = command(config, "set-resource", "Store a resource", o, Command::set_resource);
  set->add_option("--path", o.path, "repository/type/tag")->required();
  set->add_option("--resource-file", o.resource_file, "File with the bytes to store")->required();
  CLI::App* remove =
      command(config, "delete-resource", "Delete a resource", o, Command::delete_resource);
  remove->add_option("--path", o.path, "repository/type/tag")->required();
}

void add_reference_commands(CLI::App* config, ClientOptions& o) {
  CLI::App* get = command(config, "get-reference-value", "Print a reference value", o,
                          Command::get_reference_value);
  get->add_option("--id", o.id, "Name of the reference value")->required();
  CLI::App* set = command(config, "set-sample-reference-value",
                          "Register a reference value (a string in a list, unless told otherwise)",
                          o, Command::set_sample_reference_value);
  set->add_option("NAME", o.name, "Name of the reference value")->required();
  set->add_option("VALUE", o.value, "Its value")->required();
  CLI::Option* integer = set->add_flag("--as-integer", o.as_integer, "VALUE is an integer");
  CLI::Option* boolean = set->add_flag("--as-bool", o.as_bool, "VALUE is true or false");
  integer->excludes(boolean);
  set->add_flag("--as-single-value", o.as_single_value, "Register VALUE itself, not a list of it");
}

void add_config(CLI::App& app, ClientOptions& o) {
  CLI::App* config = app.add_subcommand("config", "Administer the server");
  config->fallthrough();
  config->require_subcommand(1);
  config->add_option("--admin-token-file", o.admin_token_file,
                     "File with the admin token (default: kbs/config/docker-compose/admin-token, "
                     "then $HOME/.trustee/admin-token)");
  config->add_option("--auth-private-key", o.auth_private_key,
                     "Ed25519 private key to sign an admin token with (clients up to v0.20)");
  add_policy_commands(config, o);
  add_resource_commands(config, o);
  add_reference_commands(config, o);
}

void add_admin_token(CLI::App& app, ClientOptions& o) {
  CLI::App* token = command(&app, "admin-token", "Sign an admin token", o, Command::admin_token);
  token->add_option("--key", o.key_file, "PEM private key (Ed25519, EC P-256 or RSA)")->required();
  token->add_option("--issuer", o.issuer, "Claim iss");
  token->add_option("--audience", o.audience, "Claim aud");
  token->add_option("--role", o.role, "Claim role")->capture_default_str();
  // A hundred years bound every sum with a real time.
  constexpr std::int64_t kLongest = 36'525LL * 86'400;
  token->add_option("--ttl", o.ttl_seconds, "Seconds until it expires")
      ->check(CLI::Range(-kLongest, kLongest).description(""))
      ->capture_default_str();
}

void add_evidence(CLI::App& app, ClientOptions& o) {
  CLI::App* evidence =
      command(&app, "evidence", "Print what would be sent; nothing is sent", o, Command::evidence);
  CLI::Option* report_data = evidence->add_option(
      "--report-data", o.report_data,
      "Hex bytes to bind; prints the evidence of the machine alone (this or --nonce)");
  evidence
      ->add_option("--nonce", o.nonce,
                   "Nonce of a challenge; prints the whole message, bound to --tee-key-file")
      ->excludes(report_data);
  add_guest_options(evidence, o);
  evidence->callback([&o] {
    o.command = Command::evidence;
    if (!o.report_data && !o.nonce) throw CLI::RequiredError("--report-data or --nonce");
  });
}

// A command line that stops at a command asks what could follow: the command's help, status 2.
bool stops_at_command(CLI::App& app, std::string_view last) {
  CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
  }
  if (at != &app && at->get_name() != last) return false;
  std::cerr << at->help();
  return true;
}

}  // namespace

Parsed parse_client_options(int argc, char** argv) {
  Parsed out;
  ClientOptions& o = out.options;
  CLI::App app("KBS client: attests, fetches resources, administers a Key Broker Service",
               "kbs-client");
  app.set_version_flag("-V,--version", std::string("kbs-client ") + kVersion);
  app.require_subcommand(1);
  app.add_option("--url", o.url, "Root URL of the server")
      ->envname("KBS_URL")
      ->capture_default_str();
  app.add_option("--cert-file", o.cert_file, "PEM file with one more trusted root certificate")
      ->envname("KBS_CERT_FILE");
  const std::map<std::string, ClientOptions::Output> outputs = {
      {"compat", ClientOptions::Output::compat},
      {"json", ClientOptions::Output::json},
      {"raw", ClientOptions::Output::raw}};
  app.add_option("--output", o.output,
                 "compat prints as the released client does; raw prints a fetched resource in its "
                 "own bytes; json and raw print a reference value as JSON, and no copy of a "
                 "resource that was stored")
      ->transform(CLI::CheckedTransformer(outputs).description(""))
      ->type_name("compat|json|raw")
      ->default_str("compat");

  CLI::App* attest = command(&app, "attest", "Attest and print the token", o, Command::attest);
  add_guest_options(attest, o);
  CLI::App* get = command(&app, "get-resource", "Attest, fetch a resource and print it in base64",
                          o, Command::get_resource);
  get->add_option("--path", o.path, "repository/type/tag")->required();
  get->add_option("--attestation-token", o.attestation_token,
                  "File with a token got elsewhere; needs --tee-key-file");
  add_guest_options(get, o);
  add_evidence(app, o);
  add_config(app, o);
  add_admin_token(app, o);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& e) {
    out.exit_status = 2;
    if (!stops_at_command(app, argv[argc - 1])) app.exit(e, std::cout, std::cerr);
  } catch (const CLI::ParseError& e) {
    out.exit_status = app.exit(e, std::cout, std::cerr) == 0 ? 0 : 2;
  }
  return out;
}

}  // namespace trustee::apps
