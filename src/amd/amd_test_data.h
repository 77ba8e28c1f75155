#pragma once

#include <string>

#include <gtest/gtest.h>

#include "amd/chain.h"
#include "amd/roots.h"
#include "tests/support/file_bytes.h"

namespace trustee::amd {

inline std::string snp_vector(const std::string& name) { return "tests/vectors/snp/" + name; }
inline std::string pki(const std::string& name) { return "tests/vectors/snp-test-pki/" + name; }

/// AMD's roots.
inline const RootSet& real_roots() {
  static const RootSet roots = RootSet::built_in().value();
  return roots;
}

/// The roots of tests/vectors/snp-test-pki.
inline const RootSet& test_roots() {
  static const RootSet roots =
      RootSet::create(file_text(pki("roots-milan.pem")), file_text(pki("roots-genoa.pem")),
                      file_text(pki("roots-turin.pem")))
          .value();
  return roots;
}

/// Verifies one certificate of the test hierarchy as a VCEK (or VLEK) of `product`.
inline Result<VerifiedVek> verify_test_vek(const std::string& name, Product product,
                                           VekKind label = VekKind::vcek) {
  const ByteVec der = file_bytes(pki(name));
  return verify_vek_chain({product, label, der, {}, {}}, test_roots().of(product));
}

}  // namespace trustee::amd
