#include <gtest/gtest.h>

#include "base/try.h"
#include "collateral/bundle.h"
#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"
#include "kv/memory.h"

// A thousand distinct machines come up behind one address, and the vendor's service allows one
// request in ten seconds.

namespace trustee::fetch {
namespace {

using collateral::DocumentId;
using collateral::RawDocument;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kChips = 1000;
constexpr Duration kVendorLimit = seconds(10);

DocumentId chip(int n) { return {"chip", std::to_string(n)}; }

/// A document per chip, `key of <subject>`, from a service at `/<subject>`.
class ChipKind final : public DocumentKind {
 public:
  ChipKind(std::string url, std::shared_ptr<Vendor> vendor)
      : url_(std::move(url)), vendor_(std::move(vendor)) {
    rule_.capacity = kChips;
    rule_.renewed = false;
  }
  std::string_view name() const override { return "chip"; }
  const KeepRule& rule() const override { return rule_; }
  Result<RawDocument> fetch(const std::string& subject, Errand& errand) override {
    TRY(HttpAnswer answer, vendor_->get(url_ + "/" + subject, errand.deadline));
    return RawDocument{std::move(answer.body)};
  }
  Result<Checked> check(const std::string& subject, const RawDocument& document,
                        Time /*now*/) const override {
    if (as_text(document.body) != "key of /" + subject) return Errc::answer_unusable;
    return Checked{std::make_shared<const ByteVec>(document.body), kNow, kNow + hours(10000)};
  }

 private:
  std::string url_;
  std::shared_ptr<Vendor> vendor_;
  KeepRule rule_;
};

/// The vendor: answers, and notes when it was asked.
class ColdStart : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine(std::shared_ptr<kv::Namespace> store = nullptr) {
    VendorSettings settings;
    settings.interval = kVendorLimit;
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<ChipKind>(service_.url(), rim_.vendor(settings)));
    return std::make_unique<Engine>(Engine::Settings{}, Engine::Ports{rim_.clock, std::move(store)},
                                    std::move(kinds));
  }
  Result<HeldPtr> get(Engine& e, int n) {
    return e.get(chip(n), {"198.51.100.7", rim_.clock.now() + seconds(20)});
  }

  Rim rim_;
  std::mutex mutex_;
  std::vector<Time> asked_;
  FakeKds service_{[this](const std::string& target) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(rim_.clock.now());
    return answer(200, to_vec(as_bytes("key of " + target)));
  }};
};

TEST_F(ColdStart, WithoutABundleTheVendorNeverSeesTwoRequestsWithinItsLimit) {
  const auto e = engine();
  for (int n = 0; n < kChips; ++n) {
    EXPECT_TRUE(get(*e, n).ok()) << n;
  }
  ASSERT_EQ(asked_.size(), std::size_t{kChips});
  for (std::size_t i = 1; i < asked_.size(); ++i) {
    ASSERT_GE(asked_[i] - asked_[i - 1], kVendorLimit) << i;
  }
  for (int n = 0; n < kChips; ++n) {
    EXPECT_NE(e->peek(chip(n)), nullptr);
  }
}

TEST_F(ColdStart, WithABundleNobodyAsksTheVendor) {
  const auto key = crypto::PrivateKey::generate_ed25519().value();
  collateral::Bundle bundle{kNow, {}};
  for (int n = 0; n < kChips; ++n) {
    bundle.items.push_back({chip(n),
                            {{to_vec(as_bytes("key of /" + std::to_string(n)))},
                             {kNow - hours(1), kNow + hours(10000)}}});
  }
  const std::string file = collateral::sign_bundle(bundle, key).value();
  const auto kv = kv::create_memory_store();
  const auto store = kv->open("vendor_collateral").value();
  {
    const auto importer = engine(store);
    const auto opened = collateral::open_bundle(file, key.public_key()).value();
    for (const auto& item : opened.items) {
      ASSERT_TRUE(importer->accept(item.id, item.record).ok());
    }
  }
  const auto e = engine(store);
  for (int n = 0; n < kChips; ++n) {
    ASSERT_TRUE(get(*e, n).ok()) << n;
  }
  EXPECT_TRUE(asked_.empty());
  EXPECT_TRUE(rim_.waiting.pauses().empty());
}

}  // namespace
}  // namespace trustee::fetch
