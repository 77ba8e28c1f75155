#include "apps/trustee/program.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <vector>

#include "apps/process/process.h"
#include "apps/trustee/bundle.h"
#include "apps/trustee/explain.h"
#include "apps/trustee/explain_file.h"
#include "apps/trustee/home.h"
#include "apps/trustee/init_data.h"
#include "apps/trustee/store_commands.h"
#include "apps/trustee/up.h"
#include "apps/trustee/verify.h"
#include "base/try.h"

namespace trustee::apps {
namespace {

struct Options {
  std::string home = Home::default_path();
  std::string key_file;
  std::string file;
  UpOptions up;
  VerifyOptions verify;
  ExplainOptions explain;
  ExplainFileOptions explain_file;
  BundleOptions bundle;
  InitDataOptions init_data;
};

void add_up(CLI::App& app, Options& o, const char* name, const char* help) {
  CLI::App* up = app.add_subcommand(name, help);
  CLI::Option* file = up->add_option("--config-file", o.up.config_file,
                                     "Configuration of the KBS to use instead of the built-in one");
  // What the file says instead would be ignored beside it.
  up->add_option("--socket", o.up.sockets, "IP:port to serve on; port 0 takes a free one")
      ->capture_default_str()
      ->excludes(file);
  CLI::Option* plain =
      up->add_flag("--insecure-http", o.up.insecure_http, "Plain HTTP (the default on loopback)");
  plain->excludes(file);
  up->add_option("--certificate", o.up.certificate, "PEM chain; serves HTTPS")
      ->excludes(file)
      ->excludes(plain);
  up->add_option("--private-key", o.up.private_key, "PEM key of the certificate")
      ->excludes(file)
      ->excludes(plain);
  up->add_flag("--allow-all", o.up.allow_all,
               "A new store gets the policy that allows everything (for trying out)");
}

std::vector<CLI::Option*> add_evidence(CLI::App& app, EvidenceFile& o) {
  return {app.add_option("--tee", o.tee, "Kind of evidence")->capture_default_str(),
          app.add_option("--at", o.at, "As of this day or time (RFC 3339); default: now"),
          app.add_option("--report-data", o.report_data, "Expected report data, in hex"),
          app.add_option("--init-data", o.init_data, "Expected init-data hash, in hex"),
          app.add_option("--vcek", o.vcek, "Endorsement key, for evidence without a chain"),
          app.add_option("--offline-store", o.offline_store, "Directory of endorsement keys"),
          app.add_option("--collateral", o.collateral,
                         "Intel's documents in one JSON file, for tdx and sgx"),
          app.add_option("--policy", o.policy, "Attestation policy; default: the shipped one"),
          app.add_option("--references", o.references,
                         "JSON file with reference values, {\"name\": value}"),
          app.add_flag("--ignore-dates", o.ignore_dates,
                       "Do not check the validity dates of endorsement keys")};
}

constexpr const char* kEvidenceForm =
    "Evidence (JSON as the guest sends it; for tdx and sgx also the bare quote)";

void add_verify(CLI::App& app, Options& o) {
  CLI::App* verify =
      app.add_subcommand("verify", "Verify and appraise an evidence file on this machine");
  add_evidence(*verify, o.verify.evidence);
  verify->add_option("FILE", o.verify.evidence.file, kEvidenceForm)->required();
  verify->add_flag("--json", o.verify.json, "Print JSON");
}

void add_explain(CLI::App& app, Options& o) {
  CLI::App* explain = app.add_subcommand(
      "explain",
      "Ask a server why it refused a request; or, before going live, ask policies and reference "
      "values here whether they would release a resource for an evidence file, exit status 4 when "
      "not");
  CLI::Option* id =
      explain->add_option("REQUEST-ID", o.explain.request_id, "From the header X-Request-Id");
  CLI::Option* file =
      explain->add_option("--evidence", o.explain_file.evidence.file, kEvidenceForm)->excludes(id);
  std::vector<CLI::Option*> of_file = add_evidence(*explain, o.explain_file.evidence);
  of_file.push_back(
      explain->add_option("--resource", o.explain_file.resource, "repository/type/tag"));
  of_file.push_back(explain->add_option("--resource-policy", o.explain_file.resource_policy,
                                        "Resource policy; default: that of trustee up"));
  for (CLI::Option* option : of_file) {
    option->needs(file);
  }
  // What only a server is asked with would be ignored beside a file.
  explain->add_option("--url", o.explain.url, "Root URL of the server")
      ->capture_default_str()
      ->excludes(file);
  explain->add_option("--cert-file", o.explain.cert_file, "One more trusted root certificate")
      ->excludes(file);
  explain
      ->add_option("--admin-token-file", o.explain.admin_token_file,
                   "Default: admin-token in the home directory")
      ->excludes(file);
  explain->add_flag("--json", o.explain.json, "Print JSON");
  explain->callback([&o, file] {
    const bool named = !o.explain.request_id.empty() || !o.explain_file.evidence.file.empty();
    if (!named) throw CLI::RequiredError("REQUEST-ID or --evidence");
    if (file->count() > 0 && o.explain_file.resource.empty()) {
      throw CLI::RequiredError("--resource");
    }
    o.explain_file.json = o.explain.json;
  });
}

void add_bundle_create(CLI::App& bundle, BundleOptions& o) {
  CLI::App* create = bundle.add_subcommand(
      "create",
      "Pack documents into one signed file: those that are named, fetched from their "
      "sources, else everything the store holds");
  create->add_option("--output", o.file, "The bundle to write")->required();
  create
      ->add_option("--key", o.private_key,
                   "Private key that signs (Ed25519, P-256 or P-384 in PEM; trustee keygen)")
      ->required();
  create->add_option("--platform", o.platforms,
                     "Intel's collateral for TEE/FMSPC/CA, e.g. tdx/90c06f000000/platform");
  create->add_option("--document", o.documents,
                     "A document by its name, e.g. amd-crl/Genoa/vcek or "
                     "amd-vcek/Genoa/<chip id>/bl10_tee00_snp23_ucode25");
  create->add_option("--documents-from", o.documents_file, "File with one such name a line");
  create->add_option(
      "--vcek-store", o.vcek_directory,
      "Directory of AMD endorsement keys (a mirror of KDS), all of which are packed");
}

void add_bundle_reader(CLI::App& bundle, BundleOptions& o, const char* name, const char* help) {
  CLI::App* reader = bundle.add_subcommand(name, help);
  reader->add_option("FILE", o.file, "The bundle")->required();
  reader->add_option("--public-key", o.public_key, "PEM key of whoever packed it")->required();
  reader->add_option("--at", o.at, "As of this day or time (RFC 3339); default: now");
}

void add_bundle(CLI::App& app, BundleOptions& o) {
  CLI::App* bundle = app.add_subcommand(
      "bundle",
      "Carry vendors' documents (endorsement keys, revocation lists, TCB info) to a "
      "server that cannot reach them");
  bundle->require_subcommand(1);
  bundle->add_option("--config-file", o.config_file,
                     "Configuration of the KBS whose sources and store are meant; default: the "
                     "vendors' services and the store in the home directory");
  add_bundle_create(*bundle, o);
  add_bundle_reader(*bundle, o, "verify",
                    "Check a bundle's signature and its documents; prints when each ends, exit "
                    "status 4 when one is not authentic or past its end");
  add_bundle_reader(*bundle, o, "import",
                    "Put a bundle's documents into the store, from where a server takes them");
}

void add_init_data(CLI::App& app, Options& o) {
  CLI::App* init_data =
      app.add_subcommand("initdata", "Digest, encode or check an initdata document");
  init_data->require_subcommand(1);
  const auto command = [&](const char* name, const char* help) {
    CLI::App* sub = init_data->add_subcommand(name, help);
    sub->add_option("FILE", o.init_data.file, "Initdata (TOML)")->required();
    return sub;
  };
  command("digest", "Print its digest, or with --tee what the TEE's field holds, in hex")
      ->add_option("--tee", o.init_data.tee, "Kind of machine");
  command("pcr8", "Print what PCR 8 of a vTPM holds, in hex");
  command("encode", "Print the annotation that carries it to a guest: base64 of its gzip");
  CLI::App* check = command("check", "Say what it is, where each TEE carries it, what is wrong");
  CLI::Option* tee = check->add_option("--tee", o.init_data.tee, "Kind of machine");
  check
      ->add_option("--evidence", o.init_data.evidence,
                   "Evidence to compare with (JSON as the guest sends it); it is not verified")
      ->needs(tee);
}

Result<void> run_keygen(const Options& o) {
  if (!o.key_file.empty()) return generate_key_pair(o.key_file);
  TRY(const Home home, Home::open(o.home));
  return generate_key_pair(home.file("key"));
}

int finish(const Result<void>& done) { return done.ok() ? 0 : fail(done.error()); }

int finish(const Result<int>& done) { return done.ok() ? *done : fail(done.error()); }

int run_bundle(const CLI::App& app, const Options& o, const tee::Trust& trust) {
  const CLI::App& bundle = *app.get_subcommand("bundle");
  if (bundle.got_subcommand("create")) return finish(run_bundle_create(o.home, o.bundle, trust));
  if (bundle.got_subcommand("import")) return finish(run_bundle_import(o.home, o.bundle, trust));
  return finish(run_bundle_verify(o.bundle, trust));
}

int run_init_data(const CLI::App& app, const InitDataOptions& o) {
  if (app.got_subcommand("digest")) return finish(run_init_data_digest(o));
  if (app.got_subcommand("pcr8")) return finish(run_init_data_pcr8(o));
  if (app.got_subcommand("encode")) return finish(run_init_data_encode(o));
  return finish(run_init_data_check(o));
}

int run(const CLI::App& app, const Options& o, const tee::Trust& trust) {
  if (app.got_subcommand("bundle")) return run_bundle(app, o, trust);
  if (app.got_subcommand("initdata")) {
    return run_init_data(*app.get_subcommand("initdata"), o.init_data);
  }
  if (app.got_subcommand("up") || app.got_subcommand("run")) {
    return finish(run_up(o.home, o.up, trust));
  }
  if (app.got_subcommand("explain")) {
    if (!o.explain_file.evidence.file.empty()) {
      return finish(run_explain_file(o.explain_file, trust));
    }
    return finish(run_explain(o.home, o.explain));
  }
  if (app.got_subcommand("backup")) return finish(run_backup(o.home, o.file));
  if (app.got_subcommand("restore")) return finish(run_restore(o.home, o.file));
  if (app.got_subcommand("keygen")) return finish(run_keygen(o));
  return finish(run_verify(o.verify, trust));
}

int parse_and_run(int argc, char** argv, const tee::Trust& trust) {
  Options o;
  CLI::App app("Trustee: releases secrets to machines whose hardware evidence proves what they run",
               "trustee");
  app.set_version_flag("-V,--version", std::string("trustee ") + kVersion);
  app.require_subcommand(1);
  app.add_option("--home", o.home,
                 "Directory for keys, tokens and the store (default: /opt/confidential-containers "
                 "for root, else $HOME/.trustee)")
      ->envname("TRUSTEE_HOME");
  add_up(app, o, "up", "Serve: key broker, attestation and reference values in one process");
  add_up(app, o, "run", "The same, under its old name");
  add_verify(app, o);
  add_explain(app, o);
  add_bundle(app, o.bundle);
  add_init_data(app, o);
  CLI::App* backup = app.add_subcommand("backup", "Write the store to one file");
  backup->add_option("FILE", o.file)->required();
  CLI::App* restore = app.add_subcommand("restore", "Make the store hold what a backup holds");
  restore->add_option("FILE", o.file)->required();
  CLI::App* keygen = app.add_subcommand("keygen", "Make an Ed25519 key pair");
  keygen->add_option("-f,--file", o.key_file, "Private key; default: key in the home directory");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  harden_process();
  return run(app, o, trust);
}

}  // namespace

int run_trustee(int argc, char** argv, const tee::Trust& trust) {
  return run_program([&] { return parse_and_run(argc, argv, trust); });
}

}  // namespace trustee::apps
