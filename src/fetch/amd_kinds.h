#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "amd/kds.h"
#include "amd/roots.h"
#include "fetch/document_kind.h"
#include "fetch/kds.h"
#include "fetch/offline_store.h"

namespace trustee::fetch {

/// Where VCEKs may be had.
using VcekSource = std::variant<Kds, OfflineStore>;

inline constexpr std::string_view kVcekKind = "amd-vcek";
inline constexpr std::string_view kAmdCrlKind = "amd-crl";

/// E.g. `amd-vcek/Genoa/371c…/bl10_tee00_snp23_ucode25`.
collateral::DocumentId vcek_id(const amd::VcekRequest& request);
/// E.g. `amd-crl/Genoa/vcek`.
collateral::DocumentId amd_crl_id(amd::Product product, amd::VekKind kind);

/// VCEKs, from the configured sources in their order; a source that fails or gives something
/// useless is passed over. What is accepted chains to the roots and endorses what was asked for;
/// dates and all that depends on a policy are left to verification. Asking a service costs the peer
/// and everybody a token of the budget, files cost nothing.
/// Subject  amd::cache_name.     Errors  vcek_unavailable (the detail has each source's reason),
/// peer_budget_exhausted, budget_exhausted, overloaded, deadline_exceeded; answer_unusable.
class VcekKind final : public DocumentKind {
 public:
  VcekKind(std::vector<VcekSource> sources, amd::RootSet roots, std::size_t capacity = 4096);

  std::string_view name() const override { return kVcekKind; }
  const KeepRule& rule() const override { return rule_; }
  Result<collateral::RawDocument> fetch(const std::string& subject, Errand& errand) override;
  Result<Checked> check(const std::string& subject, const collateral::RawDocument& document,
                        Time now) const override;

 private:
  Result<ByteVec> ask(VcekSource& source, const amd::VcekRequest& request, Errand& errand);

  std::vector<VcekSource> sources_;
  const amd::RootSet roots_;
  KeepRule rule_;
};

/// The ARKs' revocation lists: six at most, so nobody pays for them. A list serves until its own
/// end and not longer.
/// Subject  `Genoa/vcek`.        Errors  crl_unavailable; those of ArkCrl::create.
class AmdCrlKind final : public DocumentKind {
 public:
  /// No service: then every fetch fails.
  AmdCrlKind(std::optional<Kds> kds, amd::RootSet roots);

  std::string_view name() const override { return kAmdCrlKind; }
  const KeepRule& rule() const override { return rule_; }
  Result<collateral::RawDocument> fetch(const std::string& subject, Errand& errand) override;
  Result<Checked> check(const std::string& subject, const collateral::RawDocument& document,
                        Time now) const override;

 private:
  std::optional<Kds> kds_;
  const amd::RootSet roots_;
  KeepRule rule_;
};

}  // namespace trustee::fetch
