#pragma once

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "claims/expected.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intel/collateral_file.h"
#include "intel/errors.h"
#include "intel/texts.h"
#include "intel/verify.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"
#include "tests/support/intel_builder.h"

namespace trustee::intel {

inline std::string vector_path(const std::string& name) { return "tests/vectors/" + name; }
inline Time at(const char* text) { return codec::parse_date_or_time(text).value(); }

/// A quote of tests/vectors with collateral, date and expectation.
struct VectorSet {
  ByteVec quote;
  Time at;
  json::Value expected;
  CollateralDocuments documents;

  const json::Object& expected_claims() const {
    return *expected.at_pointer("/claims")->as_object();
  }
};

inline VectorSet vector_set(const std::string& name) {
  const std::string base = vector_path("dcap-sets/" + name);
  json::Value expected = json::parse(file_text(base + ".expected.json")).value();
  const std::string quote = vector_path(*expected.at_pointer("/quote")->as_string());
  const bool is_hex = *expected.at_pointer("/quote_is_hex")->as_bool();
  std::string bytes = file_text(quote);
  while (is_hex && !bytes.empty() && bytes.back() == '\n') bytes.pop_back();
  const Time date =
      codec::parse_date_or_time(*expected.at_pointer("/check_date")->as_string()).value();
  return {is_hex ? codec::hex_decode(bytes).value() : to_vec(as_bytes(bytes)), date,
          std::move(expected), parse_collateral_file(file_text(base + ".collateral.json")).value()};
}

/// How one quote is verified in a test.
struct Verification {
  RootKey root = RootKey::built_in();
  VerifiedCollateral collateral = nullptr;
  Time now = kIntelNow;

  Result<Outcome> of(Bytes quote) const {
    auto parsed = parse_quote(quote);
    if (!parsed.ok()) return std::move(parsed).error();
    PckCache cache;
    return verify_quote(*parsed, {root, cache, collateral}, now);
  }
};

/// Documents verified and quote judged, as a service does.
inline Result<Outcome> judged(Bytes quote, const CollateralDocuments& documents, Time now,
                              const RootKey& root = RootKey::built_in()) {
  auto collateral = verify_collateral(documents, root);
  if (!collateral.ok()) return std::move(collateral).error();
  return Verification{root, std::move(*collateral), now}.of(quote);
}
inline Result<Outcome> judged(const VectorSet& set) {
  return judged(set.quote, set.documents, set.at);
}
inline Result<Outcome> judged(const QuoteBuilder& quote, const IntelBuilder& with) {
  return judged(quote.sign(with.pki), with.documents(), kIntelNow, with.root());
}

/// The verified quote; fails the test when there is none.
inline claims::Verified<Attested> attested(const Result<Outcome>& outcome) {
  EXPECT_TRUE(outcome.ok()) << outcome.error().to_string();
  return std::get<claims::Verified<Attested>>(outcome.value());
}

/// The code of a refusal; success fails the test.
template <class T>
std::string refusal(const Result<T>& outcome) {
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? "accepted" : outcome.error().code().id();
}

/// Evidence of a quote alone.
inline std::string evidence_json(Bytes quote) {
  return "{\"quote\":\"" + codec::base64_encode(quote) + "\"}";
}

/// What the wire says of a refusal, by the table of the quote's TEE, then by ours.
template <class T>
std::string words(const Result<T>& result, std::optional<std::string> (*of_tee)(const Error&)) {
  if (result.ok()) return "accepted";
  if (auto text = of_tee(result.error()); text.has_value()) return *text;
  return upstream_text(result.error()).value_or(result.error().to_string());
}

}  // namespace trustee::intel
