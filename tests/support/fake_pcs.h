#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "intel/collateral.h"
#include "tests/support/fake_kds.h"

namespace trustee {

/// Answers as Intel's PCS and a PCCS do, with one set of documents for every FMSPC, below `prefix`:
/// a script for FakeKds.
class PcsScript {
 public:
  explicit PcsScript(intel::CollateralDocuments documents, std::string prefix = {})
      : state_(std::make_shared<State>(std::move(documents), std::move(prefix))) {}

  FakeAnswer operator()(const std::string& target) const;
  /// From now on every request is answered like this; nothing: as PCS does.
  void everything_is(std::optional<FakeAnswer> answer) const;

 private:
  struct State {
    State(intel::CollateralDocuments d, std::string p)
        : documents(std::move(d)), prefix(std::move(p)) {}
    const intel::CollateralDocuments documents;
    const std::string prefix;
    std::mutex mutex;
    std::optional<FakeAnswer> outage;
  };
  std::shared_ptr<State> state_;
};

}  // namespace trustee
