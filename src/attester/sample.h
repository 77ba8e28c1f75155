#pragma once

#include "client/transport.h"

namespace trustee::attester {

/// Evidence that proves nothing: the `sample` TEE, and `sampledevice` when asked for. Its members
/// are in the order in which the released attester writes them.
class SampleSource final : public client::EvidenceSource {
 public:
  explicit SampleSource(bool with_device) : with_device_(with_device) {}
  rcar::Tee primary() const override { return rcar::Tee::sample; }
  Result<json::Value> evidence(Bytes report_data) override;
  Result<std::string> additional(Bytes report_data) override;

 private:
  bool with_device_;
};

}  // namespace trustee::attester
