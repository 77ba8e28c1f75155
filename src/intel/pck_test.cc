#include "intel/pck.h"

#include <gtest/gtest.h>

#include "codec/pem.h"
#include "intel/cache.h"
#include "intel/intel_test_data.h"

namespace trustee::intel {
namespace {

VerifiedPckChain chain_of(const std::string& name) {
  const auto quote = parse_quote(file_bytes(vector_path(name))).value();
  return verify_pck_chain(as_text(quote.pck_chain()), RootKey::built_in()).value();
}

std::string instance_of(const PckChain& chain) {
  return platform_instance_id_text(chain.extension.platform_instance_id.value());
}

TEST(PlatformInformation, OfATd) {
  CASE("CPU-42");
  const VerifiedPckChain proof = chain_of("tdx/tdx_quote_4.dat");
  const PckChain& chain = **proof;
  EXPECT_EQ(chain.ca, PckCa::platform);
  EXPECT_EQ(codec::hex_encode(chain.extension.fmspc), "50806f000000");
  EXPECT_EQ(instance_of(chain), "82548d228d94d5e204a95b354dc61a02");
  // From the expected claims and details of dcap-sets/tdx-v4-50806f000000-2023.
  EXPECT_EQ(codec::hex_encode(chain.extension.ppid), "df4c32a9d8d86009aaf380ec43cfcefb");
  EXPECT_EQ(codec::hex_encode(chain.extension.components), "05050d02030100030000000000000000");
  EXPECT_EQ(chain.extension.pcesvn, 11);
  EXPECT_EQ(sgx_type_text(chain.extension.sgx_type), "Scalable");
  EXPECT_TRUE(chain.extension.configuration->cached_keys);
}

TEST(PlatformInformation, OfAnEnclave) {
  CASE("CPU-43");
  const VerifiedPckChain proof = chain_of("sgx/occlum_quote.dat");
  const PckChain& chain = **proof;
  EXPECT_EQ(chain.ca, PckCa::platform);
  EXPECT_EQ(codec::hex_encode(chain.extension.fmspc), "00606a000000");
  EXPECT_EQ(instance_of(chain), "7a3a6941065cd5060bd93d3db2cfc0c8");
}

TEST(PlatformInformation, OfAProcessorCaHasNoInstance) {
  const VerifiedPckChain proof = chain_of("sgx/dcap-qvl/sgx_quote");
  const PckChain& chain = **proof;
  EXPECT_EQ(chain.ca, PckCa::processor);
  EXPECT_FALSE(chain.extension.platform_instance_id.has_value());
  EXPECT_EQ(sgx_type_text(chain.extension.sgx_type), "Standard");
  // A component of 0xff takes two content bytes.
  EXPECT_EQ(codec::hex_encode(chain.extension.components), "0b0b0202ff0100000000000000000000");
}

TEST(PckExtension, IsReadAsBuilt) {
  PckExtensionBuilder builder;
  builder.components.assign(16, 0xFE);
  builder.pcesvn = 0xFFFF;
  builder.sgx_type = 2;
  const auto extension = parse_pck_extension(builder.der()).value();
  EXPECT_EQ(extension.components, (regularised<16>(ByteVec(16, 0xFE))));
  EXPECT_EQ(extension.pcesvn, 0xFFFF);
  EXPECT_EQ(extension.cpu_svn, (regularised<16>(ByteVec(16, 5))));
  EXPECT_EQ(sgx_type_text(extension.sgx_type), "Scalable with Integrity");
  EXPECT_TRUE(extension.configuration->dynamic_platform);
  EXPECT_FALSE(extension.configuration->cached_keys);
  EXPECT_EQ(sgx_type_text(7), "Unknown (7)");
}

TEST(PckExtension, RefusesWhatIsOutOfRange) {
  PckExtensionBuilder wide;
  wide.pcesvn = 0x10000;
  EXPECT_EQ(refusal(parse_pck_extension(wide.der())), "intel.pck_extension_malformed");
  PckExtensionBuilder short_fmspc;
  short_fmspc.fmspc.pop_back();
  EXPECT_EQ(refusal(parse_pck_extension(short_fmspc.der())), "intel.pck_extension_malformed");
  PckExtensionBuilder long_ppid;
  long_ppid.ppid.push_back(0);
  EXPECT_EQ(refusal(parse_pck_extension(long_ppid.der())), "intel.pck_extension_malformed");
  EXPECT_EQ(refusal(parse_pck_extension(ByteVec(kMaxPckExtension + 1, 0x30))),
            "intel.pck_extension_malformed");
}

TEST(PckExtension, EveryTruncationAndATrailingByteAreRefused) {
  ByteVec der = PckExtensionBuilder().der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(parse_pck_extension(Bytes(der).first(size)).ok()) << size;
  }
  der.push_back(0);
  EXPECT_FALSE(parse_pck_extension(der).ok());
}

/// The chain of a hierarchy whose PCK certificate has another extension.
Result<VerifiedPckChain> with_extension(IntelPki pki, const PckExtensionBuilder& extension) {
  pki.extension = extension;
  const auto root = RootKey::of(crypto::Certificate::from_der(pki.root_der()).value()).value();
  return verify_pck_chain(pki.pck_chain(), root);
}

TEST(PckExtension, HasTheMembersOfItsCa) {
  EXPECT_TRUE(with_extension(IntelPki(), {}).ok());
  EXPECT_TRUE(with_extension(IntelPki::processor(), PckExtensionBuilder::processor()).ok());
  PckExtensionBuilder one_missing;
  one_missing.configuration = false;
  EXPECT_EQ(refusal(with_extension(IntelPki(), one_missing)), "intel.pck_extension_malformed");
  one_missing.configuration = true;
  one_missing.platform_instance_id.reset();
  EXPECT_EQ(refusal(with_extension(IntelPki(), one_missing)), "intel.pck_extension_malformed");
  EXPECT_EQ(refusal(with_extension(IntelPki::processor(), {})), "intel.pck_extension_malformed");
  PckExtensionBuilder scalable = PckExtensionBuilder::processor();
  scalable.sgx_type = 1;
  EXPECT_EQ(refusal(with_extension(IntelPki::processor(), scalable)),
            "intel.pck_extension_malformed");
}

TEST(PckChain, HasExactlyThreeCertificates) {
  CASE("CPU-46");
  const auto quote = parse_quote(file_bytes(vector_path("tdx/intel-qvl-sample/quote.dat"))).value();
  const auto none = verify_pck_chain(as_text(quote.pck_chain()), RootKey::built_in());
  EXPECT_EQ(refusal(none), "intel.pck_chain_size");
  EXPECT_EQ(none.error().detail(),
            "PCK cert chain must contain exactly 3 certificates (leaf, intermediate, root), got 0");
  const IntelPki pki;
  const auto two = verify_pck_chain(pki.ca_chain(), RootKey::built_in());
  EXPECT_EQ(two.error().detail(),
            "PCK cert chain must contain exactly 3 certificates (leaf, intermediate, root), got 2");
  const auto five = verify_pck_chain(pki.pck_chain() + pki.ca_chain(), RootKey::built_in());
  EXPECT_EQ(refusal(five), "intel.pck_chain_size");
}

RootKey root_of(const IntelPki& pki) {
  return RootKey::of(crypto::Certificate::from_der(pki.root_der()).value()).value();
}

TEST(PckChain, EachLinkIsChecked) {
  const IntelPki good;
  ASSERT_TRUE(verify_pck_chain(good.pck_chain(), root_of(good)).ok());
  const auto refused = [&](auto change, const char* code) {
    IntelPki pki = good;
    change(pki);
    EXPECT_EQ(refusal(verify_pck_chain(pki.pck_chain(), root_of(good))), code);
  };
  const char* untrusted = "intel.pck_chain_not_trusted";
  refused([](IntelPki& p) { p.root_key = IntelPki().root_key; }, untrusted);
  refused([](IntelPki& p) { p.root.subject = "Another Root CA"; }, untrusted);
  refused([](IntelPki& p) { p.root.issuer = "Intel SGX Root CB"; }, untrusted);
  refused([](IntelPki& p) { p.ca.issuer = "Another Root CA"; }, untrusted);
  refused([](IntelPki& p) { p.ca.is_ca = false; }, untrusted);
  refused([](IntelPki& p) { p.ca.without_key_usage = true; }, untrusted);
  refused([](IntelPki& p) { p.pck.issuer = "Intel SGX PCK Processor CA"; }, untrusted);
  refused([](IntelPki& p) { p.pck.subject = "Another Certificate"; }, untrusted);
  refused([](IntelPki& p) { p.pck.without_key_usage = true; }, untrusted);
  refused([](IntelPki& p) { p.ca.subject = "Intel SGX PCK Other CA"; }, "intel.pck_ca_unknown");
}

TEST(PckChain, ALeafSignedByAnotherCaIsNotTrusted) {
  const IntelPki good;
  const IntelPki other;
  std::string mixed = other.pck_chain();
  mixed = mixed.substr(0, mixed.find("-----END") + 26) + good.ca_chain();
  EXPECT_EQ(refusal(verify_pck_chain(mixed, root_of(good))), "intel.pck_chain_not_trusted");
}

/// Leaf, intermediate and root of a hierarchy as one PEM text each.
std::vector<std::string> blocks_of(const IntelPki& pki) {
  std::vector<std::string> out;
  std::string text = pki.pck_chain();
  const std::string end = "-----END CERTIFICATE-----\n";
  for (std::size_t at = text.find(end); at != std::string::npos; at = text.find(end)) {
    out.push_back(text.substr(0, at + end.size()));
    text.erase(0, at + end.size());
  }
  return out;
}

TEST(PckChain, ACertificateOfTenBytesIsAnErrorNotACrash) {
  const IntelPki pki;
  const std::string tiny =
      "-----BEGIN CERTIFICATE-----\nMDAwMDAwMDAwMA==\n-----END CERTIFICATE-----\n";
  const std::vector<std::string> good = blocks_of(pki);
  ASSERT_EQ(good.size(), 3U);
  ASSERT_TRUE(verify_pck_chain(good[0] + good[1] + good[2], root_of(pki)).ok());
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<std::string> blocks = good;
    blocks[i] = tiny;
    EXPECT_EQ(refusal(verify_pck_chain(blocks[0] + blocks[1] + blocks[2], root_of(pki))),
              "intel.pck_chain_malformed");
  }
}

TEST(PckChain, NestedAndSpoiltBlocksAreRefused) {
  const IntelPki pki;
  const std::vector<std::string> good = blocks_of(pki);
  const auto refused = [&](const std::string& text) {
    return refusal(verify_pck_chain(text, root_of(pki)));
  };
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  // A block inside a block, at either place.
  EXPECT_EQ(refused(begin + good[0] + good[1] + good[2]), "intel.pck_chain_malformed");
  const std::string body = good[0].substr(begin.size());
  EXPECT_EQ(refused(begin + body.substr(0, 130) + good[1] + body.substr(130) + good[2]),
            "intel.pck_chain_malformed");
  // A certificate with a byte behind it, in its own block.
  const auto leaf = crypto::Certificate::from_pem(good[0]).value();
  ByteVec longer = to_vec(leaf.der());
  longer.push_back(0);
  EXPECT_EQ(refused(codec::pem_write("CERTIFICATE", longer) + good[1] + good[2]),
            "intel.pck_chain_malformed");
  EXPECT_EQ(refused(codec::pem_write("CERTIFICATE", leaf.der()) + good[1]), "intel.pck_chain_size");
  // One more than three, whatever it is.
  EXPECT_EQ(refused(good[0] + good[1] + good[2] + good[2]), "intel.pck_chain_size");
  EXPECT_EQ(refused(good[0] + good[0] + good[1] + good[2]), "intel.pck_chain_size");
  // Another order.
  EXPECT_EQ(refused(good[1] + good[0] + good[2]), "intel.pck_ca_unknown");
  EXPECT_EQ(refused(good[2] + good[1] + good[0]), "intel.pck_chain_not_trusted");
}

TEST(PckCache, KeepsOneProofPerTextAndAnchor) {
  const IntelPki pki;
  const std::string text = pki.pck_chain();
  PckCache cache;
  const auto first = cache.verify(as_bytes(text), root_of(pki)).value();
  EXPECT_EQ(cache.verify(as_bytes(text), root_of(pki)).value(), first);
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_FALSE(cache.verify(as_bytes(text), RootKey::built_in()).ok());
  EXPECT_EQ(cache.size(), 1U);
}

TEST(RootKey, IsTheKeyOfIntelsRoot) {
  const auto pem =
      file_text(vector_path("intel-collateral/Intel_SGX_Provisioning_Certification_RootCA.pem"));
  const auto root = crypto::Certificate::from_pem(pem).value();
  EXPECT_EQ(codec::hex_encode(crypto::sha256(root.der())),
            "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
  EXPECT_EQ(RootKey::of(root).value().point(), RootKey::built_in().point());
  EXPECT_EQ(codec::hex_encode(crypto::sha384(RootKey::built_in().point())),
            "46e403bd34f05a3f2817ab9badcaacc7ffc98e0f261008cd30dae936cace18d5dcf58eef31463613de1570"
            "d516200993");
  EXPECT_EQ(crl_distribution_point(root).value(),
            "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
}

}  // namespace
}  // namespace trustee::intel
