#include "tests/support/fake_pcs.h"

#include "codec/percent.h"

namespace trustee {

namespace {

FakeAnswer answer_with(Bytes body, const std::string& header, const std::string& chain) {
  FakeAnswer out;
  out.body = to_vec(body);
  if (!header.empty()) out.headers = header + ": " + codec::percent_encode(chain) + "\r\n";
  return out;
}

}  // namespace

FakeAnswer PcsScript::operator()(const std::string& target) const {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->outage.has_value()) return *state_->outage;
  }
  const intel::CollateralDocuments& d = state_->documents;
  const auto is = [&](const std::string& end) {
    return target.starts_with(state_->prefix + "/sgx/certification/v4/" + end) ||
           target.starts_with(state_->prefix + "/tdx/certification/v4/" + end);
  };
  if (is("tcb?")) {
    return answer_with(as_bytes(d.tcb_info), "TCB-Info-Issuer-Chain", d.tcb_info_issuer_chain);
  }
  if (is("qe/identity?")) {
    return answer_with(as_bytes(d.qe_identity), "SGX-Enclave-Identity-Issuer-Chain",
                       d.qe_identity_issuer_chain);
  }
  if (is("pckcrl?")) {
    return answer_with(d.pck_crl, "SGX-PCK-CRL-Issuer-Chain", d.pck_crl_issuer_chain);
  }
  if (is("rootcacrl")) return answer_with(d.root_ca_crl, {}, {});
  FakeAnswer absent;
  absent.status = 404;
  return absent;
}

void PcsScript::everything_is(std::optional<FakeAnswer> answer) const {
  const std::lock_guard lock(state_->mutex);
  state_->outage = std::move(answer);
}

}  // namespace trustee
