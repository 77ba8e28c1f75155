#include "fetch/snp_needs.h"

#include "base/try.h"
#include "fetch/amd_kinds.h"

namespace trustee::fetch {

namespace {

void add_vcek(SnpCollateral& out, const HeldPtr& held) {
  out.vcek = *proof_of<std::shared_ptr<const ByteVec>>(held);
}
void add_crl(SnpCollateral& out, const HeldPtr& held) {
  out.crl = *proof_of<std::shared_ptr<const amd::ArkCrl>>(held);
}

}  // namespace

std::optional<SnpCollateral> peek_for(const snp::Needs& needs, Engine& engine) {
  SnpCollateral out;
  if (needs.vcek.has_value()) {
    const HeldPtr held = engine.peek(vcek_id(*needs.vcek));
    if (held == nullptr) return std::nullopt;
    add_vcek(out, held);
  }
  if (needs.crl.has_value()) {
    const HeldPtr held = engine.peek(amd_crl_id(needs.crl->product, needs.crl->kind));
    if (held == nullptr) return std::nullopt;
    add_crl(out, held);
  }
  return out;
}

Result<SnpCollateral> get_for(const snp::Needs& needs, Engine& engine, const Asker& asker) {
  SnpCollateral out;
  if (needs.vcek.has_value()) {
    TRY(const HeldPtr held, engine.get(vcek_id(*needs.vcek), asker));
    add_vcek(out, held);
  }
  if (needs.crl.has_value()) {
    TRY(const HeldPtr held, engine.get(amd_crl_id(needs.crl->product, needs.crl->kind), asker));
    add_crl(out, held);
  }
  return out;
}

}  // namespace trustee::fetch
