#include "serve/vendor_documents.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "as/errors.h"
#include "base/try.h"
#include "fetch/amd_kinds.h"
#include "fetch/snp_needs.h"

namespace trustee::serve {
namespace {

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
  out->engine_ = std::make_unique<fetch::Engine>(
      fetch::Engine::Settings{.budget = ports.budget},
      fetch::Engine::Ports{ports.clock, std::move(ports.store), ports.metrics}, std::move(kinds));
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
  return as::Errc::collateral_not_provided;
}

Result<void> VendorDocuments::give(const tee::Needs& needs, const fetch::Asker& asker,
                                   tee::Collateral& collateral) {
  if (const auto* snp = std::get_if<snp::Needs>(&needs); snp != nullptr) {
    TRY(auto got, fetch::get_for(*snp, *engine_, asker));
    hand_in(std::move(got), collateral);
    return {};
  }
  return as::Errc::collateral_not_provided;
}

}  // namespace trustee::serve
