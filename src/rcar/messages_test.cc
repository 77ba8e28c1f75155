#include "rcar/messages.h"

#include <gtest/gtest.h>

#include "codec/errors.h"
#include "tests/support/transcript.h"

namespace trustee::rcar {
namespace {

json::Value parsed(std::string_view text) { return json::parse(text).value(); }

constexpr std::string_view kRequest =
    R"({"version":"0.4.0","tee":"snp",)"
    R"("extra-params":{"supported-hash-algorithms":["sha256","sha384","sha512","sm3"]}})";
constexpr std::string_view kAttestation =
    R"({"init-data":{"format":"toml","body":"version = \"0.1.0\"\n"},)"
    R"("runtime-data":{"nonce":"bm9uY2U=",)"
    R"("tee-pubkey":{"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW","x":"AQ","y":"Ag"}},)"
    R"("tee-evidence":{"primary_evidence":{"svn":"1","report_data":"AA=="},)"
    R"("additional_evidence":""}})";

/// The text with one member, named by JSON pointer of its parent and name, replaced or removed.
std::string changed(std::string_view text, std::string_view parent, std::string_view name,
                    std::optional<json::Value> value) {
  json::Value document = parsed(text);
  auto* const object = const_cast<json::Value*>(document.at_pointer(parent))->as_object();
  if (value.has_value()) {
    object->set(name, *std::move(value));
  } else {
    EXPECT_TRUE(object->remove(name).has_value()) << name;
  }
  return json::write(document);
}

// Expected: the bytes that the released client sent and the released server answered.
TEST(RcarMessages, AreWrittenAsReleasedProgramsWriteThem) {
  for (const std::string scenario : {"01-attest", "02-get-resource-background-check"}) {
    int handshakes = 0;
    for (const Exchange& e : recorded_exchanges(scenario)) {
      if (e.path == "/kbs/v0/auth") {
        EXPECT_EQ(write(make_request(Tee::sample)), e.request_body);
        EXPECT_EQ(write(parse_request(e.request_body).value()), e.request_body);
        EXPECT_EQ(write(parse_challenge(e.response_body).value()), e.response_body);
      } else if (e.path == "/kbs/v0/attest") {
        ++handshakes;
        EXPECT_EQ(write(parse_attestation(e.request_body).value()), e.request_body);
        EXPECT_EQ(write(parse_token_response(e.response_body).value()), e.response_body);
      } else if (e.status != 200) {
        EXPECT_EQ(write(parse_error_information(e.response_body).value()), e.response_body);
      }
    }
    EXPECT_GT(handshakes, 0);
  }
}

// Source  the examples of kbs.md 4.
TEST(RcarMessages, SurviveARoundTrip) {
  EXPECT_EQ(write(parse_request(kRequest).value()), kRequest);
  EXPECT_EQ(write(make_request(Tee::snp)), kRequest);
  EXPECT_EQ(write(parse_attestation(kAttestation).value()), kAttestation);
}

TEST(RcarRequest, NeedsExtraParamsOfAnyType) {
  for (const std::string_view value : {"null", R"("")", "{}", "[1]", "5", R"({"a":{"b":1}})"}) {
    const auto request = parse_request(changed(kRequest, "", "extra-params", parsed(value)));
    ASSERT_TRUE(request.ok()) << value;
    EXPECT_EQ(request->extra_params, parsed(value));
  }
  EXPECT_TRUE(parse_request(changed(kRequest, "", "extra-params", std::nullopt))
                  .error()
                  .is(codec::Errc::json_missing_member));
}

TEST(RcarRequest, NeedsTextsForVersionAndTee) {
  for (const std::string_view member : {"version", "tee"}) {
    for (const std::string_view value : {"null", "5", "{}"}) {
      EXPECT_TRUE(parse_request(changed(kRequest, "", member, parsed(value)))
                      .error()
                      .is(codec::Errc::json_wrong_type))
          << member << value;
    }
    EXPECT_TRUE(parse_request(changed(kRequest, "", member, std::nullopt))
                    .error()
                    .is(codec::Errc::json_missing_member));
  }
}

// Source  kbs.md 16.1, R5.
TEST(RcarRequest, RefusesTeesItDoesNotKnow) {
  for (const std::string_view tee : {"sev", "TDX", "azsnpvtpm", "aztdxvtpm", "dpu", ""}) {
    EXPECT_TRUE(parse_request(changed(kRequest, "", "tee", tee)).error().is(Errc::unknown_tee))
        << tee;
  }
}

TEST(RcarMessages, IgnoreUnknownMembersAndRefuseRepeatedOnes) {
  EXPECT_EQ(write(parse_request(changed(kRequest, "", "unknown", 5)).value()), kRequest);
  EXPECT_EQ(write(parse_attestation(changed(kAttestation, "", "unknown", 5)).value()),
            kAttestation);
  const auto repeated = [](std::string_view text, std::string_view member) {
    return "{" + std::string(member) + "," + std::string(text.substr(1));
  };
  EXPECT_TRUE(parse_request(repeated(kRequest, R"("tee":"tdx")"))
                  .error()
                  .is(codec::Errc::json_duplicate_member));
  EXPECT_TRUE(parse_attestation(repeated(kAttestation, R"("init-data":null)"))
                  .error()
                  .is(codec::Errc::json_duplicate_member));
}

TEST(RcarMessages, MustBeObjects) {
  for (const std::string_view text : {"[]", "5", "null", R"("text")"}) {
    EXPECT_TRUE(parse_request(text).error().is(codec::Errc::json_wrong_type)) << text;
    EXPECT_TRUE(parse_attestation(text).error().is(codec::Errc::json_wrong_type)) << text;
    EXPECT_TRUE(parse_challenge(text).error().is(codec::Errc::json_wrong_type)) << text;
    EXPECT_TRUE(parse_token_response(text).error().is(codec::Errc::json_wrong_type)) << text;
    EXPECT_TRUE(parse_error_information(text).error().is(codec::Errc::json_wrong_type)) << text;
  }
  EXPECT_TRUE(parse_request("{").error().is(codec::Errc::json_syntax));
}

TEST(RcarAttestation, NeedsAllMembersOfItsParts) {
  const std::pair<std::string_view, std::string_view> required[] = {
      {"", "runtime-data"},
      {"", "tee-evidence"},
      {"/runtime-data", "nonce"},
      {"/runtime-data", "tee-pubkey"},
      {"/runtime-data/tee-pubkey", "kty"},
      {"/runtime-data/tee-pubkey", "x"},
      {"/tee-evidence", "primary_evidence"},
      {"/tee-evidence", "additional_evidence"},
      {"/init-data", "format"},
      {"/init-data", "body"}};
  for (const auto& [parent, name] : required) {
    const auto missing = parse_attestation(changed(kAttestation, parent, name, std::nullopt));
    EXPECT_TRUE(missing.error().is(codec::Errc::json_missing_member)) << parent << name;
    if (name == "primary_evidence") continue;
    const auto mistyped = parse_attestation(changed(kAttestation, parent, name, 5));
    EXPECT_TRUE(mistyped.error().is(codec::Errc::json_wrong_type)) << parent << name;
  }
}

TEST(RcarAttestation, TakesPrimaryEvidenceOfAnyTypeAndDevicesAsText) {
  for (const std::string_view value : {"null", "5", R"("text")", "[1.50]", R"({"b":1,"a":2})"}) {
    const auto attestation = parse_attestation(
        changed(kAttestation, "/tee-evidence", "primary_evidence", parsed(value)));
    ASSERT_TRUE(attestation.ok()) << value;
    EXPECT_EQ(json::write(attestation->tee_evidence.primary_evidence), value);
  }
  EXPECT_TRUE(
      parse_attestation(changed(kAttestation, "/tee-evidence", "additional_evidence", parsed("{}")))
          .error()
          .is(codec::Errc::json_wrong_type));
}

TEST(RcarAttestation, MayComeWithoutInitData) {
  EXPECT_EQ(parse_attestation(kAttestation)->init_data,
            (InitData{"toml", "version = \"0.1.0\"\n"}));
  EXPECT_EQ(parse_attestation(changed(kAttestation, "", "init-data", std::nullopt))->init_data,
            std::nullopt);
  EXPECT_EQ(parse_attestation(changed(kAttestation, "", "init-data", nullptr))->init_data,
            std::nullopt);
  EXPECT_TRUE(parse_attestation(changed(kAttestation, "", "init-data", "toml"))
                  .error()
                  .is(codec::Errc::json_wrong_type));
}

TEST(RcarMessages, AreBounded) {
  std::string small(R"({"nonce":"","extra-params":""})");
  small.resize(kMaxSmallMessage, ' ');
  EXPECT_TRUE(parse_challenge(small).ok());
  EXPECT_TRUE(parse_challenge(small + " ").error().is(codec::Errc::json_too_large));
  std::string request(kRequest);
  request.resize(kMaxSmallMessage, ' ');
  EXPECT_TRUE(parse_request(request).ok());
  EXPECT_TRUE(parse_request(request + " ").error().is(codec::Errc::json_too_large));
  std::string large(kAttestation);
  large.resize(kMaxMessage, ' ');
  EXPECT_TRUE(parse_attestation(large).ok());
  EXPECT_TRUE(parse_attestation(large + " ").error().is(codec::Errc::json_too_large));
}

}  // namespace
}  // namespace trustee::rcar
