#include "apps/kbs_client/evidence.h"

#include <cstdio>

#include "as/init_data.h"
#include "attester/errors.h"
#include "base/try.h"
#include "client/guest.h"
#include "codec/hex.h"
#include "rcar/errors.h"
#include "rcar/init_data_binding.h"

namespace trustee::apps {
namespace {

rcar::Tee machine_kind(attester::Machine& machine) {
  const attester::Detected found = attester::detect(machine);
  if (found.tee != rcar::Tee::sample) return found.tee;
  std::string reason = "no TEE found on this machine";
  for (const std::string& hardware : found.without_attester) {
    reason += ", but " + hardware + ", which this client has no attester for";
  }
  // Whoever expects hardware must learn that there is none, whatever the log filter says.
  std::fprintf(stderr, "warning: %s: sample evidence is sent, which proves nothing\n",
               reason.c_str());
  return rcar::Tee::sample;
}

// A digest that the machine cannot carry is refused here, before anything is sent.
Result<void> check_init_data(rcar::Tee tee, const std::string& text) {
  const auto document = as::parse_init_data(text);
  if (!document.ok()) return {};  // the server says what is wrong with it, in its own words
  const crypto::Digest digest = crypto::digest(document->hash, as_bytes(text));
  const auto binding = rcar::init_data_binding(tee, digest.bytes());
  if (!binding.ok() && binding.error().is(rcar::Errc::init_data_size)) return binding.error();
  return {};
}

}  // namespace

Result<std::unique_ptr<attester::MachineSource>> evidence_source(const ClientOptions& o,
                                                                 attester::Machine& machine) {
  std::optional<rcar::Tee> tee = o.tee ? rcar::tee_from_name(*o.tee) : machine_kind(machine);
  if (!tee) {
    return Error(attester::Errc::tee_unsupported, "there is no kind of machine named " + *o.tee);
  }
  if (o.init_data) {
    TRY_VOID(check_init_data(*tee, *o.init_data));
  }
  return attester::MachineSource::create(*tee, machine);
}

Result<std::string> evidence_text(const ClientOptions& o, attester::Machine& machine,
                                  const client::TeeKey& key) {
  TRY(const auto source, evidence_source(o, machine));
  if (o.report_data) {
    TRY(const ByteVec report_data, codec::hex_decode(*o.report_data));
    TRY(const json::Value evidence, source->evidence(report_data));
    return json::write(evidence);
  }
  const rcar::Challenge challenge{*o.nonce, ""};
  TRY(const rcar::Attestation attestation,
      client::attestation_for(challenge, *source, key.announced(), o.init_data));
  return rcar::write(attestation);
}

}  // namespace trustee::apps
