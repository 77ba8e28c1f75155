#include "collateral/bundle.h"

#include <gtest/gtest.h>

#include "codec/time.h"
#include "collateral/errors.h"
#include "tests/support/file_bytes.h"

namespace trustee::collateral {
namespace {

Time at(const char* text) { return codec::parse_rfc3339_seconds(text).value(); }
std::string testdata(const char* name) {
  return file_text(std::string("src/collateral/testdata/") + name);
}

/// What testdata/make_bundle.py packs.
Bundle expected() {
  ByteVec all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<std::uint8_t>(i));
  const Time fetched = at("2026-11-24T09:00:00Z");
  return {at("2026-11-24T10:00:00Z"),
          {{{"intel-qe-identity", "tdx/early"},
            {{to_vec(as_bytes(R"({"enclaveIdentity":{}})")), "-----BEGIN CERTIFICATE-----\n"},
             {fetched, at("2026-12-24T09:00:00Z")}}},
           {{"amd-crl", "Genoa/vcek"}, {{all_bytes, ""}, {fetched, at("2027-11-24T09:00:00Z")}}}}};
}

crypto::PublicKey packer() { return crypto::PublicKey::from_pem(testdata("bundle.pub")).value(); }

TEST(Bundle, OneThatOtherSoftwareSignedIsRead) {
  const auto bundle = open_bundle(testdata("bundle.jws"), packer());
  ASSERT_TRUE(bundle.ok()) << bundle.error().to_string();
  EXPECT_EQ(*bundle, expected());
}

TEST(Bundle, ReadsBackWithEachKindOfKey) {
  const auto keys = {crypto::PrivateKey::generate_ed25519(),
                     crypto::PrivateKey::generate_ec(crypto::Curve::p256),
                     crypto::PrivateKey::generate_ec(crypto::Curve::p384)};
  for (const auto& key : keys) {
    const std::string file = sign_bundle(expected(), *key).value();
    EXPECT_EQ(open_bundle(file, key->public_key()).value(), expected());
    EXPECT_TRUE(open_bundle(file, packer()).error().is(Errc::bundle_not_trusted));
  }
}

TEST(Bundle, KeysOfOtherKindsSignNothing) {
  const auto rsa = crypto::PrivateKey::generate_rsa(2048).value();
  EXPECT_TRUE(sign_bundle(expected(), rsa).error().is(Errc::bundle_key_unusable));
  EXPECT_TRUE(
      open_bundle(testdata("bundle.jws"), rsa.public_key()).error().is(Errc::bundle_key_unusable));
}

TEST(Bundle, AnyOtherCharacterAnywhereIsRefused) {
  const std::string file = testdata("bundle.jws");
  for (std::size_t i = 0; i + 1 < file.size(); i += 7) {
    std::string changed = file;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_bundle(changed, packer()).ok()) << i;
  }
  EXPECT_TRUE(open_bundle("", packer()).error().is(Errc::bundle_malformed));
  EXPECT_TRUE(open_bundle("a.b.c", packer()).error().is(Errc::bundle_malformed));
}

std::string payload(const std::string& items, const std::string& head = R"("version":1)") {
  return R"({"format":"trustee-bundle",)" + head +
         R"(,"created":"2026-11-24T10:00:00Z","items":[)" + items + "]}";
}
const char* const kItem = R"({"document":"amd-crl/Genoa/vcek","fetched":"2026-11-24T09:00:00Z",)"
                          R"("expires":"2027-11-24T09:00:00Z","body":"AAE="})";

TEST(Bundle, APayloadOfAnotherFormIsRefused) {
  ASSERT_TRUE(parse_bundle_payload(payload(kItem)).ok());
  const std::string twice = std::string(kItem) + "," + kItem;
  for (const std::string& text :
       {std::string(), std::string("{}"), payload(twice), payload("{}"), payload("1"),
        payload(kItem, R"("version":2)"), payload(kItem, R"("versions":1)"),
        payload(R"({"document":"../x","fetched":"2026-11-24T09:00:00Z",)"
                R"("expires":"2027-11-24T09:00:00Z","body":"AAE="})"),
        payload(R"({"document":"a/b","fetched":"yesterday",)"
                R"("expires":"2027-11-24T09:00:00Z","body":"AAE="})"),
        payload(R"({"document":"a/b","fetched":"2026-11-24T09:00:00Z",)"
                R"("expires":"2027-11-24T09:00:00Z","body":"AAE"})")}) {
    const auto bundle = parse_bundle_payload(text);
    ASSERT_FALSE(bundle.ok()) << text;
    EXPECT_TRUE(bundle.error().is(Errc::bundle_malformed)) << text;
  }
}

TEST(Bundle, AnItemThatCouldNotBeKeptIsNeitherPackedNorRead) {
  Bundle large = expected();
  large.items[0].record.document.issuer_chain.assign(kMaxIssuerChain + 1, 'x');
  const auto key = crypto::PrivateKey::generate_ed25519().value();
  EXPECT_TRUE(sign_bundle(large, key).error().is(Errc::record_too_large));
  const std::string chain(kMaxIssuerChain + 1, 'x');
  std::string item = kItem;
  item.insert(1, R"("issuer_chain":")" + chain + "\",");
  EXPECT_TRUE(parse_bundle_payload(payload(item)).error().is(Errc::bundle_malformed));
}

}  // namespace
}  // namespace trustee::collateral
