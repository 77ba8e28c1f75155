#include "rcar/binding.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/hex.h"
#include "rcar/errors.h"
#include "rcar/messages.h"
#include "tests/support/case.h"
#include "tests/support/transcript.h"

namespace trustee::rcar {
namespace {

using crypto::Hash;

json::Value parsed(std::string_view text) { return json::parse(text).value(); }

constexpr std::string_view kNonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

// Source  client-and-guest.md 3.4.
TeePubKey guest_key() {
  return EcTeeKey{"P-256", "ECDH-ES+A256KW", "OhtvIcNPPgIn-KyhZQaFg90kNWMonPctaeor5nnXqfo",
                  "HFvnboDqzt4lWUl2LEbF49SJ13h65swCX-H2JVrS5eo"};
}
// Source  kbs.md 5.4.
TeePubKey server_key() {
  return EcTeeKey{"P-256", "ECDH-ES+A256KW", codec::base64url_encode(ByteVec(32, 1)),
                  codec::base64url_encode(ByteVec(32, 2))};
}

std::string hex_digest(Hash hash, const json::Value& value) {
  return codec::hex_encode(binding_digest(hash, value).value().bytes());
}
std::string base64_digest(Hash hash, const json::Value& value) {
  return codec::base64_encode(binding_digest(hash, value).value().bytes());
}

TEST(RuntimeData, IsWrittenAsTheSpecificationShowsIt) {
  const std::string key = json::write(to_json(server_key()));
  EXPECT_EQ(json::write(primary_runtime_data(server_key(), "n", "{\"a\":1}")),
            R"({"tee-pubkey":)" + key + R"(,"nonce":"n","additional-evidence":"{\"a\":1}"})");
  EXPECT_EQ(json::write(device_runtime_data(server_key(), "n")),
            R"({"tee-pubkey":)" + key + R"(,"nonce":"n"})");
}

TEST(BindingDigest, HasTheValuesOfTheServerSpecification) {
  CASE("KBS-R12");
  EXPECT_EQ(
      hex_digest(Hash::sha384, device_runtime_data(server_key(), kNonce)),
      "2b951545aaaf961a11c38406887b6a136f2afc7eede38fd151a3a500c7f005de380139e012d33a1288d8f5ee"
      "ef97a934");
  const json::Object primary = primary_runtime_data(server_key(), kNonce, "");
  EXPECT_EQ(
      hex_digest(Hash::sha384, primary),
      "d934ba73c76ad6ce42e80746cefb42b74c7e0af0f0d30ace51557c3da2a8fe7608b3c6856f09e1f101fd459a"
      "86b1c846");
  EXPECT_EQ(
      hex_digest(Hash::sha512, primary),
      "0da473606b0c86196371f73c99f8788a80845d484f5ee0144fe619d7b5dfc813966cb233fc04579635e08ded"
      "ce558f315ca68899ab808cd894438b582579a2b1");
}

TEST(BindingDigest, IsOverTheCanonicalForm) {
  CASE("CL-44");
  EXPECT_EQ(
      hex_digest(Hash::sha384, parsed(R"({"b":1,"a":"test","c":{"d":"e"}})")),
      "e71ce8e70d814ba6639c3612ebee0ff1f76f650f8dbb5e47157e0f3f525cd22c4597480a186427c813ca941d"
      "a78870c3");
}

TEST(BindingDigest, HasTheValuesOfTheGuestSpecificationForDevices) {
  EXPECT_EQ(
      hex_digest(Hash::sha384, device_runtime_data(guest_key(), kNonce)),
      "543053312eddb5534a084e314154e85de1944ddba4acf4f2ccca4a79af6910ef50397f2b03727d4e3d7fa6c5"
      "4925fade");
}

TEST(BindingDigest, HasTheValuesOfTheGuestSpecificationWithoutDevices) {
  CASE("CL-45");
  const json::Object primary = primary_runtime_data(guest_key(), kNonce, "");
  EXPECT_EQ(base64_digest(Hash::sha384, primary),
            "3CWqJSW327mVeBHcjrWJtlWnMHvMSWMNRRfWbwbhAkqkwgjiE0kp56CGMk6Zmkbg");
  EXPECT_EQ(
      hex_digest(Hash::sha512, primary),
      "da9dd7218b25a63404b721f567698929f7e9c56bd507598293955656c302b363c57ed44e0a4fa4a994649f3a"
      "3de040458b1f7c7fdde235c9ec17702c5c3966a2");
}

TEST(BindingDigest, HasTheValuesOfTheGuestSpecificationWithADevice) {
  CASE("CL-46");
  const std::string_view devices =
      R"({"sampledevice":{"report_data":"VDBTMS7dtVNKCE4xQVToXeGUTdukrPTyzMpKea9pEO9QOX8rA3J9Tj1/)"
      R"(psVJJfre","svn":"2"}})";
  EXPECT_EQ(base64_digest(Hash::sha384, primary_runtime_data(guest_key(), kNonce, devices)),
            "C+7grIi8De7v4HnNR1Y5iZnsxMED0TQD9UHvbW7yCBcMTbMwAuD/Tu5EIR015dH9");
  const auto items = split_additional_evidence(devices).value();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(text_at(items[0].evidence, "/report_data"),
            base64_digest(Hash::sha384, device_runtime_data(guest_key(), kNonce)));
}

TEST(BindingDigest, BindsTheAdditionalEvidenceByteForByte) {
  const auto of = [](std::string_view devices) {
    return base64_digest(Hash::sha384, primary_runtime_data(guest_key(), kNonce, devices));
  };
  EXPECT_NE(of(R"({"a":1})"), of(R"({"a": 1})"));
  EXPECT_NE(of(""), of("{}"));
}

// Expected: the report data in what the released client sent, which the released server accepted.
TEST(BindingDigest, IsInRecordedEvidence) {
  int seen = 0;
  for (const std::string scenario : {"01-attest", "02-get-resource-background-check"}) {
    for (const Exchange& e : recorded_exchanges(scenario)) {
      if (e.path != "/kbs/v0/attest" || e.status != 200) continue;
      const auto attestation = parse_attestation(e.request_body).value();
      const json::Object primary =
          primary_runtime_data(attestation.runtime_data.tee_pubkey, attestation.runtime_data.nonce,
                               attestation.tee_evidence.additional_evidence);
      EXPECT_EQ(text_at(attestation.tee_evidence.primary_evidence, "/report_data"),
                base64_digest(kDefaultHash, primary));
      ++seen;
    }
  }
  EXPECT_EQ(seen, 5);
}

TEST(SelectedHash, IsSha384WhenTheServerSaysNothing) {
  CASE("CL-40");
  for (const std::string_view params :
       {R"("")", "null", "{}", "[]", "5", R"({"Selected-hash-algorithm":"sha512"})"}) {
    EXPECT_EQ(selected_hash(parsed(params)).value(), Hash::sha384) << params;
  }
}

TEST(SelectedHash, IsTheOneNamedInAnyLetterCase) {
  CASE("CL-41");
  const auto of = [](std::string_view name) {
    return selected_hash(json::Object{{"selected-hash-algorithm", name}}).value();
  };
  EXPECT_EQ(of("SHA512"), Hash::sha512);
  EXPECT_EQ(of("sha256"), Hash::sha256);
  EXPECT_EQ(of("Sha384"), Hash::sha384);
  EXPECT_EQ(of("SM3"), Hash::sm3);
}

TEST(SelectedHash, MustBeOneThatIsKnown) {
  CASE("CL-42");
  for (const std::string_view name : {"", "foo", "sha-256", "sha1", " sha256"}) {
    EXPECT_TRUE(selected_hash(json::Object{{"selected-hash-algorithm", name}})
                    .error()
                    .is(Errc::invalid_hash_algorithm))
        << name;
  }
}

TEST(SelectedHash, MustBeAText) {
  CASE("CL-43");
  for (const std::string_view value : {"5", "null", "{}", "[\"sha512\"]", "true"}) {
    const json::Object params{{"selected-hash-algorithm", parsed(value)}};
    EXPECT_TRUE(selected_hash(params).error().is(Errc::unexpected_json_data_type)) << value;
  }
}

// Source  kbs.md 5.6 and cases R6, T1 to T3.
TEST(HashNegotiation, SaysNothingToGuestsThatListNothing) {
  for (const std::string_view params : {"null", R"("")", "{}", R"({"other":[]})"}) {
    EXPECT_EQ(negotiate_hash(parsed(params), Hash::sha512).value(), std::nullopt) << params;
  }
  EXPECT_EQ(json::write(challenge_extra_params(std::nullopt)), R"("")");
}

TEST(HashNegotiation, SelectsWhatIsNeededFromTheList) {
  for (const std::string_view list :
       {R"(["sha512"])", R"(["SHA512"])", R"(["sha256",5,"sha512"])", R"([null,"sha512","foo"])"}) {
    const json::Object params{{"supported-hash-algorithms", parsed(list)}};
    EXPECT_EQ(negotiate_hash(params, Hash::sha512).value(), Hash::sha512) << list;
  }
  EXPECT_EQ(json::write(challenge_extra_params(Hash::sha512)),
            R"({"selected-hash-algorithm":"sha512"})");
  EXPECT_EQ(selected_hash(challenge_extra_params(Hash::sm3)).value(), Hash::sm3);
}

TEST(HashNegotiation, RefusesGuestsThatCannot) {
  const auto code = [](std::string_view list) {
    const json::Object params{{"supported-hash-algorithms", parsed(list)}};
    return negotiate_hash(params, Hash::sha512).error();
  };
  EXPECT_TRUE(code(R"(["sha256"])").is(Errc::hash_not_supported));
  EXPECT_TRUE(code(R"(["foo"])").is(Errc::hash_not_supported));
  EXPECT_TRUE(code("[]").is(Errc::hash_list_malformed));
  EXPECT_TRUE(code("[5]").is(Errc::hash_list_malformed));
  EXPECT_TRUE(code(R"("sha512")").is(Errc::hash_list_malformed));
  EXPECT_TRUE(code("null").is(Errc::hash_list_malformed));
}

TEST(AdditionalEvidence, KeepsTheOrderOfItsText) {
  const auto items =
      split_additional_evidence(R"({"sampledevice":{"b":1,"a":2},"nvidia":[1],"sample":null})")
          .value();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].tee, Tee::sample_device);
  EXPECT_EQ(json::write(items[0].evidence), R"({"b":1,"a":2})");
  EXPECT_EQ(items[1].tee, Tee::nvidia);
  EXPECT_EQ(items[2].tee, Tee::sample);
}

// Source  kbs.md 16.1, R10.
TEST(AdditionalEvidence, MayBeEmptyTwoWays) {
  EXPECT_TRUE(split_additional_evidence("").value().empty());
  EXPECT_TRUE(split_additional_evidence("{}").value().empty());
}

TEST(AdditionalEvidence, MustBeAnObjectByKnownTee) {
  for (const std::string_view text :
       {"not json", "[]", "null", " ", R"({"sample":1,"sample":2})", "{"}) {
    EXPECT_TRUE(split_additional_evidence(text).error().is(Errc::additional_evidence_malformed))
        << text;
  }
  for (const std::string_view text : {R"({"foo":{}})", R"({"":{}})", R"({"azsnpvtpm":{}})"}) {
    EXPECT_TRUE(split_additional_evidence(text).error().is(Errc::unknown_tee)) << text;
  }
}

TEST(AdditionalEvidence, IsBounded) {
  std::string text = R"({"sampledevice":1})";
  text.resize(kMaxAdditionalEvidence, ' ');
  EXPECT_TRUE(split_additional_evidence(text).ok());
  EXPECT_TRUE(
      split_additional_evidence(text + " ").error().is(Errc::additional_evidence_malformed));
  // Every name may stand once, so the bound on their number shows on unknown ones.
  const auto names = [](std::size_t count) {
    std::string object = "{";
    for (std::size_t i = 0; i < count; ++i) {
      object += (i == 0 ? "\"x" : ",\"x") + std::to_string(i) + "\":1";
    }
    return object + "}";
  };
  EXPECT_TRUE(split_additional_evidence(names(kMaxAdditionalItems)).error().is(Errc::unknown_tee));
  EXPECT_TRUE(split_additional_evidence(names(kMaxAdditionalItems + 1))
                  .error()
                  .is(Errc::additional_evidence_malformed));
}

}  // namespace
}  // namespace trustee::rcar
