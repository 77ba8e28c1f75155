#include "kbs/attestation.h"

#include "base/try.h"
#include "kbs/errors.h"
#include "rcar/binding.h"

namespace trustee::kbs {
namespace {

Error with_code(Errc code, const Error& cause) { return Error(code, cause.to_string()); }

}  // namespace

Result<std::vector<EvidenceItem>> evidence_items(std::string_view body,
                                                 const authz::ChallengeSession& session) {
  auto attestation = rcar::parse_attestation(body);
  if (!attestation.ok()) return with_code(Errc::attestation_malformed, attestation.error());
  const rcar::RuntimeData& runtime = attestation->runtime_data;
  if (runtime.nonce != session.nonce) return Errc::nonce_mismatch;
  const auto tee = rcar::tee_from_name(session.tee);
  if (!tee) return Error(Errc::session_unknown, "the sealed TEE name is " + session.tee);
  const std::string& additional = attestation->tee_evidence.additional_evidence;

  EvidenceItem primary;
  primary.tee = *tee;
  primary.evidence = std::move(attestation->tee_evidence.primary_evidence);
  primary.runtime_data = rcar::primary_runtime_data(runtime.tee_pubkey, runtime.nonce, additional);
  if (attestation->init_data) {
    if (attestation->init_data->format != "toml") {
      return Error(Errc::init_data_format,
                   "Unsupported initdata format: " + attestation->init_data->format);
    }
    primary.init_data = std::move(attestation->init_data->body);
  }
  std::vector<EvidenceItem> items;
  items.push_back(std::move(primary));

  auto devices = rcar::split_additional_evidence(additional);
  if (!devices.ok()) return with_code(Errc::additional_evidence_malformed, devices.error());
  for (auto& device : *devices) {
    items.push_back({device.tee, std::move(device.evidence),
                     rcar::device_runtime_data(runtime.tee_pubkey, runtime.nonce), std::nullopt});
  }
  return items;
}

}  // namespace trustee::kbs
