#include "fetch/amd_kinds.h"

#include <algorithm>

#include "amd/chain.h"
#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

using collateral::RawDocument;

namespace {

constexpr Duration kForEver = std::chrono::hours(24 * 366 * 100);

struct CrlName {
  amd::Product product;
  amd::VekKind kind;
};

Result<CrlName> parse_crl_subject(std::string_view subject) {
  for (const amd::Product product :
       {amd::Product::milan, amd::Product::genoa, amd::Product::turin}) {
    for (const amd::VekKind kind : {amd::VekKind::vcek, amd::VekKind::vlek}) {
      if (amd_crl_id(product, kind).subject == subject) return CrlName{product, kind};
    }
  }
  return Error(Errc::not_found, "no list is named " + std::string(subject));
}

/// The codes that say more than "no source had it", most telling first.
std::optional<Errc> special_code(const std::vector<Error>& causes) {
  for (const Errc code : {Errc::peer_budget_exhausted, Errc::budget_exhausted, Errc::overloaded,
                          Errc::deadline_exceeded}) {
    for (const Error& cause : causes) {
      if (cause.is(code)) return code;
    }
  }
  return std::nullopt;
}

Error combined(const std::vector<Error>& causes) {
  std::string detail = causes.empty() ? "no source is configured" : "";
  for (const Error& cause : causes) {
    detail += (detail.empty() ? "" : "; ") + cause.to_string();
  }
  return {special_code(causes).value_or(Errc::vcek_unavailable), std::move(detail)};
}

KeepRule vcek_rule(std::size_t capacity) {
  KeepRule rule;
  rule.refresh = {100, kForEver, Duration::zero()};  // fixed by chip and TCB: never renewed
  rule.capacity = capacity;
  rule.renewed = false;
  return rule;
}

KeepRule crl_rule() {
  KeepRule rule;
  rule.hold_off = std::chrono::seconds(30);
  return rule;
}

}  // namespace

collateral::DocumentId vcek_id(const amd::VcekRequest& request) {
  return {std::string(kVcekKind), amd::cache_name(request)};
}

collateral::DocumentId amd_crl_id(amd::Product product, amd::VekKind kind) {
  return {std::string(kAmdCrlKind),
          std::string(amd::to_string(product)) + (kind == amd::VekKind::vlek ? "/vlek" : "/vcek")};
}

VcekKind::VcekKind(std::vector<VcekSource> sources, amd::RootSet roots, std::size_t capacity)
    : sources_(std::move(sources)), roots_(std::move(roots)), rule_(vcek_rule(capacity)) {}

Result<RawDocument> VcekKind::fetch(const std::string& subject, Errand& errand) {
  TRY(const amd::VcekRequest request, amd::parse_cache_name(subject));
  std::vector<Error> causes;
  for (VcekSource& source : sources_) {
    auto data = ask(source, request, errand);
    if (data.ok()) {
      RawDocument document{std::move(*data)};
      const auto checked = check(subject, document, Time{});
      if (checked.ok()) return document;
      causes.push_back(checked.error());
    } else {
      causes.push_back(std::move(data).error());
    }
  }
  errand.absent = std::all_of(causes.begin(), causes.end(),
                              [](const Error& e) { return e.is(Errc::not_found); });
  return combined(causes);
}

Result<ByteVec> VcekKind::ask(VcekSource& source, const amd::VcekRequest& request, Errand& errand) {
  if (const auto* store = std::get_if<OfflineStore>(&source); store != nullptr) {
    return store->vcek(request);
  }
  Kds& kds = *std::get_if<Kds>(&source);
  // A request that KDS has no words for costs nothing.
  TRY_VOID(kds.can_ask(request));
  TRY_VOID(errand.pay());
  return kds.vcek(request, errand.deadline);
}

Result<Checked> VcekKind::check(const std::string& subject, const RawDocument& document,
                                Time /*now*/) const {
  TRY(const amd::VcekRequest request, amd::parse_cache_name(subject));
  auto vek = amd::verify_vek_chain({request.product, amd::VekKind::vcek, document.body, {}, {}},
                                   roots_.of(request.product));
  if (!vek.ok()) return Error(Errc::answer_unusable, vek.error().to_string());
  if (auto fits = amd::check_endorses(***vek, request); !fits.ok()) {
    return Error(Errc::answer_unusable, fits.error().to_string());
  }
  const amd::Vek& key = ***vek;
  return Checked{std::make_shared<const ByteVec>(key.certificate.der()), key.not_before,
                 key.not_after};
}

AmdCrlKind::AmdCrlKind(std::optional<Kds> kds, amd::RootSet roots)
    : kds_(std::move(kds)), roots_(std::move(roots)), rule_(crl_rule()) {}

Result<RawDocument> AmdCrlKind::fetch(const std::string& subject, Errand& errand) {
  TRY(const CrlName name, parse_crl_subject(subject));
  if (!kds_.has_value()) return Error(Errc::crl_unavailable, "no KDS is configured");
  auto data = kds_->crl(name.product, name.kind, errand.deadline);
  if (data.ok()) return RawDocument{std::move(*data)};
  if (data.error().is(Errc::deadline_exceeded) || data.error().is(Errc::overloaded)) {
    return std::move(data).error();
  }
  return Error(Errc::crl_unavailable, data.error().to_string());
}

Result<Checked> AmdCrlKind::check(const std::string& subject, const RawDocument& document,
                                  Time now) const {
  TRY(const CrlName name, parse_crl_subject(subject));
  auto crl = amd::ArkCrl::create(document.body, name.product, roots_.of(name.product), now);
  if (!crl.ok()) return Error(Errc::crl_unavailable, crl.error().to_string());
  const Time issued = crl->this_update();
  const Time end = crl->next_update();
  return Checked{std::make_shared<const amd::ArkCrl>(std::move(*crl)), issued, end};
}

}  // namespace trustee::fetch
