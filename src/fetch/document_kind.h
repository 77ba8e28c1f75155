#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "amd/crl.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "collateral/document.h"
#include "collateral/renewal.h"
#include "intel/collateral.h"

namespace trustee::fetch {

using collateral::Duration;

/// A document after its check, ready for verification; which alternative follows from its kind.
using Proof =
    std::variant<std::shared_ptr<const ByteVec>,  ///< an endorsement key in DER
                 std::shared_ptr<const amd::ArkCrl>, intel::VerifiedTcbInfo,
                 intel::VerifiedQeIdentity, intel::VerifiedPckCrl, intel::VerifiedRootCrl>;

/// What a check gives.
struct Checked {
  Proof proof;
  Time issued_at;    ///< of two copies the one issued earlier never replaces the other
  Time valid_until;  ///< the earliest end of anything in it
};

/// How a kind of document is kept.
struct KeepRule {
  collateral::RefreshRule refresh;
  collateral::RenewalRule renewal;
  /// How long nobody is asked for a document that no source has.
  Duration absent_for = std::chrono::minutes(10);
  /// How long nobody is asked again after another failure.
  Duration hold_off = Duration::zero();
  std::size_t capacity = 256;  ///< documents in memory
  /// Renewed in the background, loaded at start, and with metrics of its own each. For kinds with
  /// few documents that change.
  bool renewed = true;
};

/// One fetch on somebody's behalf.
struct Errand {
  Time deadline;
  /// To be called before a vendor's service is asked for evidence that nobody has authenticated.
  /// Errors: peer_budget_exhausted, budget_exhausted.
  std::function<Result<void>()> pay;
  /// Set by the kind: every source said that there is no such document.
  bool absent = false;
};

/// A kind of document: where it comes from and what makes it acceptable. Safe from many threads.
class DocumentKind {
 public:
  virtual ~DocumentKind() = default;
  virtual std::string_view name() const = 0;
  virtual const KeepRule& rule() const = 0;
  /// Asks the sources. Blocking. Errors: those of the sources.
  virtual Result<collateral::RawDocument> fetch(const std::string& subject, Errand& errand) = 0;
  /// Whether `document` is what `subject` names, and authentic. Everything that is kept or served
  /// passed here, wherever it came from.
  virtual Result<Checked> check(const std::string& subject, const collateral::RawDocument& document,
                                Time now) const = 0;
};

}  // namespace trustee::fetch
