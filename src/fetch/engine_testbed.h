#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/try.h"
#include "fetch/engine.h"
#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"
#include "tests/support/watched_namespace.h"

namespace trustee::fetch {

/// What one source answers, and how often it was asked.
struct Source {
  Result<std::string> answer = std::string();
  bool absent = false;
  int asked = 0;
};

/// A document whose text is two numbers: hours from kNow to its issue and to its end.
class HoursKind final : public DocumentKind {
 public:
  HoursKind(Source& source, KeepRule rule) : source_(source), rule_(rule) {}
  std::string_view name() const override { return "hours"; }
  const KeepRule& rule() const override { return rule_; }
  Result<collateral::RawDocument> fetch(const std::string& /*subject*/, Errand& errand) override {
    ++source_.asked;
    TRY_VOID(errand.pay());
    errand.absent = source_.absent;
    TRY(const std::string text, source_.answer);
    return collateral::RawDocument{to_vec(as_bytes(text))};
  }
  Result<Checked> check(const std::string& /*subject*/, const collateral::RawDocument& document,
                        Time /*now*/) const override {
    int issued = 0;
    int end = 0;
    std::istringstream in{std::string(as_text(document.body))};
    if (!(in >> issued >> end)) return Errc::answer_unusable;
    return Checked{std::make_shared<const ByteVec>(document.body),
                   kNow + std::chrono::hours(issued), kNow + std::chrono::hours(end)};
  }

 private:
  Source& source_;
  KeepRule rule_;
};

inline KeepRule with_grace(Duration grace) {
  KeepRule rule;
  rule.refresh = {50, std::chrono::hours(24), grace};
  rule.hold_off = std::chrono::seconds(30);
  return rule;
}

class Documents : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine(KeepRule rule = with_grace(std::chrono::hours(1000)),
                                 Engine::Settings settings = {}) {
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<HoursKind>(source_, rule));
    return std::make_unique<Engine>(settings, Engine::Ports{clock_, store_, &metrics_},
                                    std::move(kinds));
  }
  Result<std::string> get(Engine& e, const collateral::DocumentId& id = kId) {
    const auto held = e.get(id, {"peer", clock_.now() + std::chrono::seconds(20)});
    if (!held.ok()) return held.error();
    return text(*held);
  }
  static std::string text(const HeldPtr& held) {
    if (held == nullptr) return "nothing";
    return std::string(as_text(*proof_of<std::shared_ptr<const ByteVec>>(held)));
  }

  static inline const collateral::DocumentId kId{"hours", "one"};
  FixedClock clock_{kNow};
  metrics::Registry registry_;
  metrics::CollateralMetrics metrics_{registry_};
  std::shared_ptr<WatchedNamespace> store_ = std::make_shared<WatchedNamespace>();
  Source source_;
};

}  // namespace trustee::fetch
