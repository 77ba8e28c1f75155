#include "serve/vendor_documents.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "fetch/amd_kinds.h"
#include "fetch/intel_kinds.h"
#include "fetch/pcs.h"
#include "fetch/snp_needs.h"

namespace trustee::serve {
namespace {

constexpr std::string_view kFileScheme = "file://";

/// Makes services, one for each base URL, so that all that ask the same server keep its pace.
class Vendors {
 public:
  Vendors(fetch::HttpGet& http, fetch::Waiting& waiting, const Clock& clock)
      : http_(http), waiting_(waiting), clock_(clock) {}

  std::shared_ptr<fetch::Vendor> at(const std::string& url, fetch::VendorSettings settings) {
    auto& vendor = vendors_[url];
    if (vendor == nullptr) {
      vendor = std::make_shared<fetch::Vendor>(settings, http_, waiting_, clock_);
    }
    return vendor;
  }

 private:
  fetch::HttpGet& http_;
  fetch::Waiting& waiting_;
  const Clock& clock_;
  std::map<std::string, std::shared_ptr<fetch::Vendor>> vendors_;
};

fetch::Kds kds_of(const config::VcekSource& source, Vendors& vendors) {
  fetch::VendorSettings settings = fetch::kds_vendor_settings(source.base_url);
  if (source.request_interval) settings.interval = std::chrono::seconds(*source.request_interval);
  return {source.base_url, vendors.at(source.base_url, settings)};
}

using Kinds = std::vector<std::unique_ptr<fetch::DocumentKind>>;

/// AMD's lists come from the first service that its keys come from.
void add_amd(Kinds& kinds, const config::Verifiers& config, const amd::RootSet& roots,
             Vendors& vendors) {
  std::vector<fetch::VcekSource> sources;
  std::optional<fetch::Kds> first;
  for (const config::VcekSource& source : config.vcek_sources) {
    if (source.kind == config::VcekSource::Kind::offline_store) {
      sources.emplace_back(fetch::OfflineStore(source.path));
      continue;
    }
    fetch::Kds kds = kds_of(source, vendors);
    if (!first.has_value()) first = kds;
    sources.emplace_back(std::move(kds));
  }
  kinds.push_back(std::make_unique<fetch::VcekKind>(std::move(sources), roots));
  kinds.push_back(std::make_unique<fetch::AmdCrlKind>(std::move(first), roots));
}

Result<std::shared_ptr<fetch::IntelSource>> intel_source(const std::string& url, Vendors& vendors) {
  if (url.starts_with(kFileScheme)) {
    return std::shared_ptr<fetch::IntelSource>(
        std::make_shared<fetch::PcsFileSource>(url.substr(kFileScheme.size())));
  }
  TRY(intel::PcsWords words, intel::PcsWords::create(url));
  return std::shared_ptr<fetch::IntelSource>(
      std::make_shared<fetch::Pcs>(std::move(words), vendors.at(url, {})));
}

}  // namespace

Result<std::unique_ptr<VendorDocuments>> VendorDocuments::create(const config::Verifiers& config,
                                                                 const tee::Trust& trust,
                                                                 Ports ports) {
  std::unique_ptr<VendorDocuments> out(new VendorDocuments());
  net::ClientConfig client;
  client.allow_http = true;
  TRY(std::unique_ptr<net::HttpClient> http, net::HttpClient::create(std::move(client)));
  out->http_ = std::make_unique<fetch::NetGet>(std::move(http));
  Vendors vendors(*out->http_, out->waiting_, ports.clock);
  Kinds kinds;
  add_amd(kinds, config, trust.amd_roots, vendors);
  TRY(const auto source, intel_source(config.dcap.collateral_service, vendors));
  for (auto& kind : fetch::intel_kinds(source, trust.intel_root)) {
    kinds.push_back(std::move(kind));
  }
  out->engine_ = std::make_unique<fetch::Engine>(
      fetch::Engine::Settings{.budget = ports.budget},
      fetch::Engine::Ports{ports.clock, std::move(ports.store), ports.metrics}, std::move(kinds));
  out->intel_ = std::make_unique<fetch::IntelSets>(*out->engine_, config.dcap.standard_update
                                                                      ? intel::TcbUpdate::standard
                                                                      : intel::TcbUpdate::early);
  return out;
}

namespace {

void hand_in(fetch::SnpCollateral got, tee::Collateral& collateral) {
  if (got.vcek) collateral.vcek = std::move(got.vcek);
  if (got.crl) collateral.amd_crl = std::move(got.crl);
}

}  // namespace

Result<bool> VendorDocuments::give_at_once(const tee::Needs& needs, tee::Collateral& collateral) {
  if (const auto* snp = std::get_if<snp::Needs>(&needs); snp != nullptr) {
    auto got = fetch::peek_for(*snp, *engine_);
    if (!got.has_value()) return false;
    hand_in(std::move(*got), collateral);
    return true;
  }
  TRY(auto set, intel_->peek(std::get<intel::Needs>(needs)));
  if (set == nullptr) return false;
  collateral.intel = std::move(set);
  return true;
}

Result<void> VendorDocuments::give(const tee::Needs& needs, const fetch::Asker& asker,
                                   tee::Collateral& collateral) {
  if (const auto* snp = std::get_if<snp::Needs>(&needs); snp != nullptr) {
    TRY(auto got, fetch::get_for(*snp, *engine_, asker));
    hand_in(std::move(got), collateral);
    return {};
  }
  TRY(collateral.intel, intel_->get(std::get<intel::Needs>(needs), asker));
  return {};
}

}  // namespace trustee::serve
