#include "fetch/intel_kinds.h"

#include <optional>
#include <utility>

#include "base/try.h"
#include "codec/hex.h"
#include "fetch/errors.h"

namespace trustee::fetch {

using collateral::RawDocument;
using intel::PckCa;
using intel::TcbUpdate;
using intel::TeeType;

namespace {

constexpr Duration kForEver = std::chrono::hours(24 * 366 * 100);
constexpr std::string_view kRootSubject = "root";

KeepRule intel_rule(Duration max_age) {
  KeepRule rule;
  // Past its date a document goes on serving, with its expiry in the claims, until a newer one is
  // there.
  rule.refresh = {50, max_age, kForEver};
  rule.hold_off = std::chrono::seconds(30);
  rule.renewal.first_delay = std::min<Duration>(rule.renewal.first_delay, max_age);
  return rule;
}

/// Takes one part of a subject off its front: a word of `names`, which is returned.
template <class E>
std::optional<E> take(std::string_view& rest, std::initializer_list<E> names) {
  const std::string_view word = rest.substr(0, rest.find('/'));
  for (const E e : names) {
    if (word != to_string(e)) continue;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return e;
  }
  return std::nullopt;
}
std::optional<TeeType> take_tee(std::string_view& rest) {
  return take(rest, {TeeType::sgx, TeeType::tdx});
}
std::optional<TcbUpdate> take_update(std::string_view& rest) {
  return take(rest, {TcbUpdate::early, TcbUpdate::standard});
}

std::optional<intel::Fmspc> take_fmspc(std::string_view& rest) {
  const std::string_view hex = rest.substr(0, rest.find('/'));
  const auto fmspc = codec::hex_decode(hex);
  if (!fmspc.ok() || fmspc->size() != intel::Fmspc{}.size()) return std::nullopt;
  rest.remove_prefix(std::min(rest.size(), hex.size() + 1));
  return regularised<6>(*fmspc);
}

Error no_such(std::string_view subject) {
  return Error(Errc::not_found, "no document is named " + std::string(subject));
}

struct TcbInfoName {
  TeeType tee;
  intel::Fmspc fmspc;
  TcbUpdate update;
};

Result<TcbInfoName> parse_tcb_info_subject(std::string_view subject) {
  std::string_view rest = subject;
  const auto tee = take_tee(rest);
  const auto fmspc = take_fmspc(rest);
  const auto update = take_update(rest);
  if (!tee || !fmspc || !update || !rest.empty()) return no_such(subject);
  return TcbInfoName{*tee, *fmspc, *update};
}

Error unusable(const Error& cause) { return Error(Errc::answer_unusable, cause.to_string()); }

template <class Proven>
Result<Checked> checked(const Proven& proven) {
  const intel::Lifespan& life = (*proven)->lifespan;
  return Checked{proven, life.latest_issue, life.earliest_expiration};
}

// Each kind: how it is got, and what makes it acceptable.

Result<RawDocument> fetch_tcb_info(IntelSource& source, std::string_view subject, Time deadline) {
  TRY(const TcbInfoName name, parse_tcb_info_subject(subject));
  return source.tcb_info(name.tee, name.fmspc, name.update, deadline);
}

Result<Checked> check_tcb_info(std::string_view subject, const RawDocument& document,
                               const intel::RootKey& root) {
  TRY(const TcbInfoName name, parse_tcb_info_subject(subject));
  const auto proven = intel::verify_tcb_info(as_text(document.body), document.issuer_chain, root);
  if (!proven.ok()) return unusable(proven.error());
  const intel::TcbInfo& body = (**proven)->body;
  if (body.tee != name.tee || body.fmspc != name.fmspc) {
    return Error(Errc::answer_unusable, "it is for another platform");
  }
  return checked(*proven);
}

Result<RawDocument> fetch_qe_identity(IntelSource& source, std::string_view subject,
                                      Time deadline) {
  std::string_view rest = subject;
  const auto tee = take_tee(rest);
  const auto update = take_update(rest);
  if (!tee || !update || !rest.empty()) return no_such(subject);
  return source.qe_identity(*tee, *update, deadline);
}

Result<Checked> check_qe_identity(std::string_view subject, const RawDocument& document,
                                  const intel::RootKey& root) {
  std::string_view rest = subject;
  const auto tee = take_tee(rest);
  if (!tee) return no_such(subject);
  const auto proven =
      intel::verify_qe_identity(as_text(document.body), document.issuer_chain, root);
  if (!proven.ok()) return unusable(proven.error());
  if ((**proven)->body.tee != *tee) {
    return Error(Errc::answer_unusable, "it is for another kind of enclave");
  }
  return checked(*proven);
}

Result<PckCa> parse_ca(std::string_view subject) {
  std::string_view rest = subject;
  const auto ca = take(rest, {PckCa::platform, PckCa::processor});
  if (!ca || !rest.empty()) return no_such(subject);
  return *ca;
}

Result<RawDocument> fetch_pck_crl(IntelSource& source, std::string_view subject, Time deadline) {
  TRY(const PckCa ca, parse_ca(subject));
  return source.pck_crl(ca, deadline);
}

Result<Checked> check_pck_crl(std::string_view subject, const RawDocument& document,
                              const intel::RootKey& root) {
  TRY(const PckCa ca, parse_ca(subject));
  const auto proven = intel::verify_pck_crl(document.body, document.issuer_chain, root);
  if (!proven.ok()) return unusable(proven.error());
  if ((**proven)->ca != ca) return Error(Errc::answer_unusable, "it is of another authority");
  return checked(*proven);
}

Result<RawDocument> fetch_root_crl(IntelSource& source, std::string_view subject, Time deadline) {
  if (subject != kRootSubject) return no_such(subject);
  return source.root_crl(deadline);
}

Result<Checked> check_root_crl(std::string_view subject, const RawDocument& document,
                               const intel::RootKey& root) {
  if (subject != kRootSubject) return no_such(subject);
  const auto proven = intel::verify_root_crl(document.body, root);
  if (!proven.ok()) return unusable(proven.error());
  return checked(*proven);
}

struct Functions {
  std::string_view name;
  Result<RawDocument> (*fetch)(IntelSource&, std::string_view subject, Time deadline);
  Result<Checked> (*check)(std::string_view subject, const RawDocument&, const intel::RootKey&);
};

constexpr Functions kKinds[] = {
    {kTcbInfoKind, fetch_tcb_info, check_tcb_info},
    {kQeIdentityKind, fetch_qe_identity, check_qe_identity},
    {kPckCrlKind, fetch_pck_crl, check_pck_crl},
    {kRootCrlKind, fetch_root_crl, check_root_crl},
};

class IntelKind final : public DocumentKind {
 public:
  IntelKind(const Functions& functions, std::shared_ptr<IntelSource> source, intel::RootKey root)
      : functions_(functions),
        source_(std::move(source)),
        root_(std::move(root)),
        rule_(intel_rule(source_->max_age())) {}

  std::string_view name() const override { return functions_.name; }
  const KeepRule& rule() const override { return rule_; }
  Result<RawDocument> fetch(const std::string& subject, Errand& errand) override {
    auto document = functions_.fetch(*source_, subject, errand.deadline);
    errand.absent = !document.ok() && document.error().is(Errc::collateral_not_available);
    return document;
  }
  Result<Checked> check(const std::string& subject, const RawDocument& document,
                        Time /*now*/) const override {
    return functions_.check(subject, document, root_);
  }

 private:
  const Functions& functions_;
  std::shared_ptr<IntelSource> source_;
  const intel::RootKey root_;
  const KeepRule rule_;
};

}  // namespace

Result<intel::CollateralRequest> parse_platform(std::string_view text) {
  std::string_view rest = text;
  const auto tee = take_tee(rest);
  const auto fmspc = take_fmspc(rest);
  if (!tee || !fmspc) return no_such(text);
  TRY(const PckCa ca, parse_ca(rest));
  return intel::CollateralRequest{*fmspc, ca, *tee};
}

IntelIds intel_ids(const intel::CollateralRequest& request, TcbUpdate update) {
  const std::string tee(to_string(request.tee));
  const std::string which(to_string(update));
  return {{std::string(kTcbInfoKind), tee + "/" + codec::hex_encode(request.fmspc) + "/" + which},
          {std::string(kQeIdentityKind), tee + "/" + which},
          {std::string(kPckCrlKind), std::string(to_string(request.ca))},
          {std::string(kRootCrlKind), std::string(kRootSubject)}};
}

std::vector<std::unique_ptr<DocumentKind>> intel_kinds(const std::shared_ptr<IntelSource>& source,
                                                       const intel::RootKey& root) {
  std::vector<std::unique_ptr<DocumentKind>> out;
  for (const Functions& functions : kKinds) {
    out.push_back(std::make_unique<IntelKind>(functions, source, root));
  }
  return out;
}

}  // namespace trustee::fetch
