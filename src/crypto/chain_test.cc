#include <algorithm>

#include "crypto/testdata.h"
#include "crypto/x509.h"

namespace trustee::crypto {
namespace {

const Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 6 / 1);

std::vector<Certificate> certificates(std::initializer_list<const char*> names) {
  std::vector<Certificate> out;
  for (const char* name : names) out.push_back(certificate(name));
  return out;
}

Result<void> chain(const char* leaf, std::initializer_list<const char*> untrusted,
                   std::initializer_list<const char*> roots, Time t = kNow) {
  return verify_chain(certificate(leaf), certificates(untrusted), certificates(roots), t);
}

TEST(Chain, of_leaf_and_root_verifies) {
  EXPECT_TRUE(chain("leaf-of-root", {}, {"root"}).ok());
  EXPECT_TRUE(chain("leaf-of-rsa", {}, {"rsa-root"}).ok());
  EXPECT_TRUE(chain("leaf-of-ed", {}, {"ed-root"}).ok());
  EXPECT_TRUE(chain("leaf-of-p384", {}, {"p384-root"}).ok());
  EXPECT_TRUE(chain("root", {}, {"root"}).ok());
}

TEST(Chain, does_not_depend_on_the_order_of_certificates_or_roots) {
  std::vector<const char*> others = {"decoy", "int-a", "int-b", "root"};
  std::ranges::sort(others, {}, [](const char* s) { return std::string_view(s); });
  do {
    std::vector<Certificate> untrusted;
    for (const char* name : others) untrusted.push_back(certificate(name));
    EXPECT_TRUE(
        verify_chain(certificate("leaf"), untrusted, certificates({"decoy", "root"}), kNow).ok());
    EXPECT_TRUE(
        verify_chain(certificate("leaf"), untrusted, certificates({"root", "decoy"}), kNow).ok());
  } while (std::ranges::next_permutation(others, {}, [](const char* s) {
             return std::string_view(s);
           }).found);
}

TEST(Chain, finds_the_root_behind_a_decoy_of_the_same_name) {
  EXPECT_TRUE(chain("leaf-of-root", {}, {"decoy-twin", "root"}).ok());
  EXPECT_TRUE(chain("leaf-of-root", {}, {"root", "decoy-twin"}).ok());
  EXPECT_TRUE(chain("leaf", {"int-a", "int-b"}, {"decoy-twin", "decoy", "root"}).ok());
  EXPECT_TRUE(fails_with(chain("leaf-of-root", {}, {"decoy-twin"}), Errc::chain_broken));
}

TEST(Chain, must_end_in_a_given_root) {
  EXPECT_TRUE(fails_with(chain("leaf-of-root", {}, {}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf-of-root", {"root"}, {}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf-of-root", {"root"}, {"decoy"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf-of-decoy", {"decoy"}, {"root"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf", {"int-b"}, {"root"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf", {}, {"root"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("decoy", {}, {"root"}), Errc::chain_broken));
}

TEST(Chain, is_never_partial) {
  EXPECT_TRUE(fails_with(chain("leaf", {}, {"int-b"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf", {"int-a", "int-b"}, {"int-a"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf-of-root", {}, {"leaf-of-root"}), Errc::chain_broken));
}

TEST(Chain, looks_at_the_given_time_only) {
  EXPECT_TRUE(fails_with(chain("leaf-expired", {}, {"root"}), Errc::certificate_expired));
  EXPECT_TRUE(fails_with(chain("leaf-future", {}, {"root"}), Errc::certificate_not_yet_valid));
  const Time in_2025 = std::chrono::sys_days(std::chrono::year(2025) / 6 / 1);
  const Time in_2031 = std::chrono::sys_days(std::chrono::year(2031) / 6 / 1);
  const Time in_1990 = std::chrono::sys_days(std::chrono::year(1990) / 6 / 1);
  EXPECT_TRUE(chain("leaf-expired", {}, {"root"}, in_2025).ok());
  EXPECT_TRUE(chain("leaf-future", {}, {"root"}, in_2031).ok());
  EXPECT_TRUE(
      fails_with(chain("leaf-of-root", {}, {"root"}, in_1990), Errc::certificate_not_yet_valid));
}

TEST(Chain, refuses_expired_issuers) {
  EXPECT_TRUE(
      fails_with(chain("leaf", {"int-expired", "int-b"}, {"root"}), Errc::certificate_expired));
  EXPECT_TRUE(fails_with(chain("leaf-of-root", {}, {"root-expired"}), Errc::certificate_expired));
  // The other certificate for the same key is still good.
  EXPECT_TRUE(chain("leaf", {"int-expired", "int-a", "int-b"}, {"root"}).ok());
}

TEST(Chain, refuses_issuers_that_are_no_ca) {
  for (const char* issuer : {"no-ca", "no-constraints", "no-cert-sign"}) {
    const auto result = chain("leaf-of-no-ca", {issuer}, {"root"});
    EXPECT_FALSE(result.ok()) << issuer;
    if (!result.ok()) {
      EXPECT_EQ(result.error().code(), Code(Errc::not_a_ca)) << result.error().to_string();
    }
  }
}

TEST(Chain, respects_the_path_length) {
  EXPECT_TRUE(
      fails_with(chain("leaf-below-path-0", {"path-0", "below-path-0"}, {"root"}), Errc::not_a_ca));
}

TEST(Chain, refuses_unknown_critical_extensions) {
  EXPECT_TRUE(fails_with(chain("leaf-critical", {}, {"root"}), Errc::chain_broken));
  EXPECT_TRUE(chain("leaf-extensions", {}, {"root"}).ok());
}

TEST(Chain, refuses_weak_digests_and_keys) {
  EXPECT_TRUE(fails_with(chain("leaf-of-sha1", {}, {"sha1-root"}), Errc::chain_broken));
  EXPECT_TRUE(fails_with(chain("leaf-of-weak", {}, {"weak-root"}), Errc::chain_broken));
}

TEST(Chain, refuses_a_changed_leaf) {
  ByteVec der = certificate("leaf-of-root").der();
  der.back() ^= 1;
  const Certificate changed = Certificate::from_der(der).value();
  EXPECT_TRUE(
      fails_with(verify_chain(changed, {}, certificates({"root"}), kNow), Errc::chain_broken));
}

}  // namespace
}  // namespace trustee::crypto
