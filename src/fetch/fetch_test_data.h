#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "amd/amd_test_data.h"
#include "fetch/amd_kinds.h"
#include "fetch/engine.h"
#include "fetch/kds.h"
#include "fetch/net_get.h"
#include "fetch/ports.h"
#include "tests/support/fake_kds.h"
#include "tests/support/file_bytes.h"
#include "tests/support/fixed_clock.h"

namespace trustee::fetch {

inline const Time kNow = from_unix_seconds(1795500000);  // 2026-11-24

/// Waiting that takes no time but moves the clock.
class FakeWaiting final : public Waiting {
 public:
  explicit FakeWaiting(FixedClock& clock) : clock_(clock) {}
  void pause(Duration d) override {
    const std::lock_guard lock(mutex_);
    pauses_.push_back(d);
    clock_.advance(d);
  }
  std::uint32_t jitter_percent() override { return 0; }
  std::vector<Duration> pauses() {
    const std::lock_guard lock(mutex_);
    return pauses_;
  }

 private:
  FixedClock& clock_;
  std::mutex mutex_;
  std::vector<Duration> pauses_;
};

inline std::unique_ptr<NetGet> net_get() {
  net::ClientConfig config;
  config.allow_http = true;
  config.system_roots = false;
  return std::make_unique<NetGet>(net::HttpClient::create(config).value());
}

inline FakeAnswer answer(int status, ByteVec body = {}, std::string headers = {}) {
  return {FakeAnswer::How::complete, status, std::move(body), std::move(headers)};
}

/// The clock, the waiting and the client of one test.
struct Rim {
  FixedClock clock{kNow};
  FakeWaiting waiting{clock};
  std::unique_ptr<NetGet> http = net_get();

  std::shared_ptr<Vendor> vendor(VendorSettings settings) {
    return std::make_shared<Vendor>(settings, *http, waiting, clock);
  }
  Kds kds(const FakeKds& service, VendorSettings settings = {{2, std::chrono::milliseconds(200),
                                                              std::chrono::seconds(5)}}) {
    return {service.url(), vendor(settings)};
  }
};

/// The chip and TCB of evidence-genoa-e2e.
inline amd::VcekRequest genoa_request() {
  return {
      amd::Product::genoa,
      regularised<64>(from_hex("371c55d6d15cb50f16dc31d39a24e300caaabff4431e841111429b73ec45ad67"
                               "ea6e687ffae7bf84b54a5d0e6d79b3ef6ff0bd8b4cff94c2163af5c5de8718e8")),
      {std::nullopt, 10, 0, 23, 25}};
}
inline ByteVec genoa_vcek() { return file_bytes(amd::snp_vector("evidence-genoa-e2e.vcek.der")); }

/// Answers each request by the next of a list, the last one for ever.
class InTurn {
 public:
  explicit InTurn(std::deque<FakeAnswer> answers)
      : state_(std::make_shared<State>(std::move(answers))) {}
  FakeAnswer operator()(const std::string&) const {
    const std::lock_guard lock(state_->mutex);
    FakeAnswer next = state_->answers.front();
    if (state_->answers.size() > 1) state_->answers.pop_front();
    return next;
  }

 private:
  struct State {
    explicit State(std::deque<FakeAnswer> a) : answers(std::move(a)) {}
    std::mutex mutex;
    std::deque<FakeAnswer> answers;
  };
  std::shared_ptr<State> state_;
};

}  // namespace trustee::fetch
