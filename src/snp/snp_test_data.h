#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "amd/amd_test_data.h"
#include "amd/errors.h"
#include "codec/json.h"
#include "codec/time.h"
#include "snp/claims.h"
#include "snp/errors.h"
#include "snp/evidence.h"
#include "snp/texts.h"
#include "snp/verify.h"
#include "tests/support/file_bytes.h"
#include "tests/support/snp_builder.h"

namespace trustee::snp {

using amd::pki;
using amd::snp_vector;

inline Time at(const char* text) { return codec::parse_date_or_time(text).value(); }
inline const Time kNow = from_unix_seconds(1795500000);  // 2026-11-24

/// Evidence JSON as a value, to change one member of.
inline json::Value document(const std::string& name) {
  return json::parse(file_text(snp_vector(name))).value();
}

/// The document with members of its report replaced.
inline std::string with_report_members(const std::string& name, const json::Object& members) {
  json::Value value = document(name);
  json::Object& report = *value.as_object()->find("attestation_report")->as_object();
  for (const json::Member& m : members) {
    report.set(m.name, m.value);
  }
  return json::write(value);
}

/// The document with its certificate chain replaced.
inline std::string with_chain(const std::string& name, json::Value chain) {
  json::Value value = document(name);
  value.as_object()->set("cert_chain", std::move(chain));
  return json::write(value);
}

/// How one evidence document is verified in a test.
struct Verification {
  claims::Expected expected;
  Policy policy;
  const amd::RootSet* roots = &amd::real_roots();
  std::optional<Bytes> vcek;
  std::optional<amd::ArkCrl> crl;
  Time now = kNow;

  Result<Outcome> of(std::string_view json) const {
    auto evidence = parse_evidence(json);
    if (!evidence.ok()) return std::move(evidence).error();
    amd::VekCache cache;
    return verify(*evidence, expected, {*roots, cache, vcek, crl}, policy, now);
  }
};

/// The verified report; fails the test when there is none.
inline claims::Verified<Attested> attested(const Result<Outcome>& outcome) {
  EXPECT_TRUE(outcome.ok()) << outcome.error().to_string();
  return std::get<claims::Verified<Attested>>(outcome.value());
}

/// The released verifier's words for a refusal; success fails the test.
inline std::string words(const Result<Outcome>& outcome) {
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? "accepted"
                      : std::string(upstream_text(outcome.error().code()).value_or(""));
}

/// The code of a refusal; success fails the test.
inline std::string refusal(const Result<Outcome>& outcome) {
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? "accepted" : outcome.error().code().id();
}

}  // namespace trustee::snp
