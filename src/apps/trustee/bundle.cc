#include "apps/trustee/bundle.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <utility>

#include "amd/chain.h"
#include "apps/service/config_file.h"
#include "apps/service/stores.h"
#include "apps/trustee/home.h"
#include "apps/trustee/private_file.h"
#include "base/try.h"
#include "codec/time.h"
#include "collateral/bundle.h"
#include "crypto/key.h"
#include "fetch/amd_kinds.h"
#include "fetch/file.h"
#include "fetch/intel_kinds.h"
#include "kv/errors.h"
#include "kv/memory.h"
#include "reload/errors.h"
#include "reload/files.h"
#include "serve/vendor_documents.h"

namespace trustee::apps {
namespace {

constexpr int kRefused = 4;
constexpr std::chrono::minutes kPatience{10};  // for one document; AMD is asked every 10 s
constexpr std::size_t kMaxDirectoryEntries = 100000;

using collateral::BundleItem;
using collateral::DocumentId;
using collateral::Record;
using Namespace = std::shared_ptr<kv::Namespace>;

Error usage(std::string text) { return Error(reload::Errc::material_invalid, std::move(text)); }

/// A clock that stands at `--at`, or the machine's.
class CommandClock final : public Clock {
 public:
  explicit CommandClock(std::optional<Time> at) : at_(at) {}
  Time now() const override { return at_.value_or(SystemClock().now()); }

 private:
  std::optional<Time> at_;
};

Result<CommandClock> clock_of(const BundleOptions& o) {
  if (!o.at) return CommandClock(std::nullopt);
  TRY(const Time at, codec::parse_date_or_time(*o.at));
  return CommandClock(at);
}

Result<config::Kbs> config_of(const BundleOptions& o) {
  if (!o.config_file) return config::Kbs{};
  TRY(ConfigFile file, load_config_file(*o.config_file));
  return std::move(file.loaded.config);
}

/// The store of the service that the options name.
Result<Namespace> store_of(const std::string& home_path, const BundleOptions& o,
                           config::Kbs config) {
  if (!o.config_file) {
    TRY(const Home home, Home::open(home_path));
    config.storage.type = config::StorageType::sqlite;
    config.storage.sqlite_path = home.store();
  }
  Stores stores(config);
  TRY(const serve::Namespaces namespaces, stores.open());
  if (namespaces.collateral == nullptr) {
    return usage("the store that is configured is memory: nothing in it outlives a process");
  }
  return namespaces.collateral;
}

/// An engine that may ask as often as its services allow.
Result<std::unique_ptr<serve::VendorDocuments>> open_documents(const config::Kbs& config,
                                                               const tee::Trust& trust,
                                                               const Clock& clock,
                                                               Namespace store) {
  constexpr collateral::BudgetRule kUnbounded{UINT32_MAX, std::chrono::microseconds(1)};
  return serve::VendorDocuments::create(
      config.attestation_service.verifiers, trust,
      {clock, std::move(store), nullptr, {kUnbounded, kUnbounded, 1}});
}

Result<Namespace> scratch_store() { return kv::create_memory_store()->open("bundle"); }

Result<void> add_platform(const std::string& text, bool standard, std::vector<DocumentId>& out) {
  const auto request = fetch::parse_platform(text);
  if (!request.ok()) return usage(text + " is no platform; e.g. tdx/90c06f000000/platform");
  const auto update = standard ? intel::TcbUpdate::standard : intel::TcbUpdate::early;
  fetch::IntelIds ids = fetch::intel_ids(*request, update);
  for (DocumentId* id : {&ids.tcb_info, &ids.qe_identity, &ids.pck_crl, &ids.root_crl}) {
    out.push_back(std::move(*id));
  }
  return {};
}

Result<std::vector<DocumentId>> named_documents(const BundleOptions& o, const config::Kbs& config) {
  std::vector<DocumentId> out;
  std::vector<std::string> names = o.documents;
  if (o.documents_file) {
    TRY(const std::string text, reload::read_file(*o.documents_file));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.front() != '#') names.push_back(line);
    }
  }
  for (const std::string& name : names) {
    TRY(DocumentId id, collateral::parse_document_id(name));
    out.push_back(std::move(id));
  }
  const bool standard = config.attestation_service.verifiers.dcap.standard_update;
  for (const std::string& platform : o.platforms) {
    TRY_VOID(add_platform(platform, standard, out));
  }
  return out;
}

/// Fetches the documents, one after the other; what was got lies in the engine's store.
Result<void> fetch_all(const std::vector<DocumentId>& ids, fetch::Engine& engine,
                       const Clock& clock) {
  std::string failed;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto held = engine.get(ids[i], {"bundle", clock.now() + kPatience});
    std::fprintf(stderr, "%zu of %zu  %s  %s\n", i + 1, ids.size(), ids[i].key().c_str(),
                 held.ok() ? "got" : held.error().to_string().c_str());
    if (!held.ok()) failed += "\n  " + ids[i].key();
  }
  if (failed.empty()) return {};
  return usage("these documents could not be had, no bundle was written:" + failed);
}

/// Whose key a certificate of a mirror is, by what it says itself; the check follows.
Result<DocumentId> id_of_vcek(Bytes file) {
  auto certificate = crypto::Certificate::from_der(file);
  if (!certificate.ok()) certificate = crypto::Certificate::from_pem(as_text(file));
  if (!certificate.ok()) return std::move(certificate).error();
  TRY(const amd::VekExtensions vek, amd::parse_vek_extensions(*certificate));
  if (!vek.hwid.has_value()) return usage("it is no VCEK");
  for (const amd::Product product :
       {amd::Product::milan, amd::Product::genoa, amd::Product::turin}) {
    if (!amd::check_product_name(vek, product).ok()) continue;
    amd::VcekRequest request{product, regularised<64>(*vek.hwid), vek.tcb};
    if (product != amd::Product::turin) request.tcb.fmc.reset();
    return fetch::vcek_id(request);
  }
  return usage("it names a product that is not known here");
}

/// All endorsement keys below a directory, as KDS mirrors hold them.
Result<void> add_vceks(const std::string& directory, fetch::Engine& engine, Time now) {
  std::error_code trouble;
  std::filesystem::recursive_directory_iterator it(directory, trouble);
  std::size_t seen = 0;
  for (; !trouble && it != std::filesystem::recursive_directory_iterator(); it.increment(trouble)) {
    if (++seen > kMaxDirectoryEntries) return usage(directory + " has too many files");
    if (!it->is_regular_file(trouble) || it->path().extension() != ".der") continue;
    const std::string path = it->path();
    TRY(const std::string content, reload::read_file(path));
    const Bytes file = as_bytes(content);
    const auto id = id_of_vcek(file);
    if (!id.ok()) return Error(id.error()).while_doing("reading " + path);
    const auto held = engine.accept(*id, {{to_vec(file)}, {now, now}});
    if (!held.ok()) return Error(held.error()).while_doing("reading " + path);
  }
  if (trouble) return usage(directory + ": " + trouble.message());
  return {};
}

/// What a store holds and its kinds accept goes to the engine's own store.
Result<void> take_all(kv::Namespace& from, fetch::Engine& engine) {
  TRY(const auto entries, from.entries());
  for (const kv::Entry& entry : entries) {
    const auto id = collateral::parse_document_id(entry.key);
    const auto record = collateral::decode_record(entry.value);
    if (!id.ok() || !record.ok()) continue;
    const auto taken = engine.accept(*id, *record);
    if (!taken.ok()) {
      std::fprintf(stderr, "left out: %s  %s\n", entry.key.c_str(),
                   taken.error().to_string().c_str());
    }
  }
  return {};
}

Result<std::vector<BundleItem>> items_of(kv::Namespace& store) {
  std::vector<BundleItem> out;
  TRY(const auto entries, store.entries());
  for (const kv::Entry& entry : entries) {
    TRY(DocumentId id, collateral::parse_document_id(entry.key));
    TRY(Record record, collateral::decode_record(entry.value));
    out.push_back({std::move(id), std::move(record)});
  }
  std::sort(out.begin(), out.end(),
            [](const BundleItem& a, const BundleItem& b) { return a.id < b.id; });
  return out;
}

Result<collateral::Bundle> open_file(const BundleOptions& o) {
  TRY(const std::string pem, reload::read_file(o.public_key));
  TRY(const crypto::PublicKey key, crypto::PublicKey::from_pem(pem));
  TRY(const auto file, fetch::read_file_if_there(o.file, collateral::kMaxBundle));
  if (!file.has_value()) return usage(o.file + " does not exist");
  return collateral::open_bundle(as_text(file->bytes), key);
}

/// One line per document: its name, when it ends, and what was found. The number of those refused
/// or past their end. Errors: of the store that the engine keeps them in.
Result<std::size_t> report(const collateral::Bundle& bundle, fetch::Engine& engine, Time now) {
  std::size_t bad = 0;
  std::printf("%zu documents, packed %s\n", bundle.items.size(),
              codec::rfc3339_seconds(bundle.created).c_str());
  for (const BundleItem& item : bundle.items) {
    const auto held = engine.accept(item.id, item.record);
    if (!held.ok() && held.error().code().module() == kv::kErrcDomain.module) {
      return Error(held.error()).while_doing("storing " + item.id.key());
    }
    std::string verdict = "good";
    if (!held.ok()) {
      verdict = "REFUSED  " + held.error().to_string();
    } else if ((*held)->validity.valid_until < now) {
      verdict = "EXPIRED";
    }
    const Time end = held.ok() ? (*held)->validity.valid_until : item.record.validity.valid_until;
    std::printf("%s  %s  %s\n", codec::rfc3339_seconds(end).c_str(), item.id.key().c_str(),
                verdict.c_str());
    if (verdict != "good") ++bad;
  }
  return bad;
}

}  // namespace

Result<void> run_bundle_create(const std::string& home_path, const BundleOptions& o,
                               const tee::Trust& trust) {
  TRY_VOID(check_output(o.file));
  TRY(const CommandClock clock, clock_of(o));
  TRY(const config::Kbs config, config_of(o));
  TRY(const SecretText pem, reload::read_secret_file(o.private_key));
  TRY(const crypto::PrivateKey key, crypto::PrivateKey::from_pem(pem));
  TRY(const std::vector<DocumentId> ids, named_documents(o, config));
  TRY(const Namespace scratch, scratch_store());
  TRY(const auto documents, open_documents(config, trust, clock, scratch));
  if (o.vcek_directory) {
    TRY_VOID(add_vceks(*o.vcek_directory, documents->engine(), clock.now()));
  }
  if (ids.empty() && !o.vcek_directory) {
    if (!o.config_file) TRY_VOID(existing_store(home_path));
    TRY(const Namespace store, store_of(home_path, o, config));
    TRY_VOID(take_all(*store, documents->engine()));
  }
  TRY_VOID(fetch_all(ids, documents->engine(), clock));
  TRY(std::vector<BundleItem> items, items_of(*scratch));
  if (items.empty()) return usage("there is nothing to pack: the store holds no documents");
  const std::size_t count = items.size();
  TRY(const std::string file, collateral::sign_bundle({clock.now(), std::move(items)}, key));
  TRY_VOID(replace_private_file(o.file, file + "\n"));
  std::printf("%zu documents packed into %s\n", count, o.file.c_str());
  return {};
}

Result<int> run_bundle_verify(const BundleOptions& o, const tee::Trust& trust) {
  TRY(const CommandClock clock, clock_of(o));
  TRY(const config::Kbs config, config_of(o));
  TRY(const collateral::Bundle bundle, open_file(o));
  TRY(const auto documents, open_documents(config, trust, clock, nullptr));
  TRY(const std::size_t bad, report(bundle, documents->engine(), clock.now()));
  return bad == 0 ? 0 : kRefused;
}

Result<int> run_bundle_import(const std::string& home_path, const BundleOptions& o,
                              const tee::Trust& trust) {
  TRY(const CommandClock clock, clock_of(o));
  TRY(const config::Kbs config, config_of(o));
  TRY(const collateral::Bundle bundle, open_file(o));
  TRY(const Namespace store, store_of(home_path, o, config));
  TRY(const auto documents, open_documents(config, trust, clock, store));
  TRY(const std::size_t bad, report(bundle, documents->engine(), clock.now()));
  std::printf("imported; a server takes them from its store\n");
  return bad == 0 ? 0 : kRefused;
}

}  // namespace trustee::apps
