#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace trustee {

/// Records that the running test covers conformance case `id`. `tools/cases` joins these lines with
/// docs/cases.toml; a case whose test failed or never ran is not covered. Written at the end of the
/// test and only when it passed.
class CaseMark {
 public:
  explicit CaseMark(const char* id) : id_(id) {}
  ~CaseMark() {
    const char* path = std::getenv("TRUSTEE_CASES_LOG");
    if (path == nullptr || ::testing::Test::HasFailure() || ::testing::Test::IsSkipped()) return;
    if (std::FILE* f = std::fopen(path, "a"); f != nullptr) {
      std::fprintf(f, "%s\n", id_);
      std::fclose(f);
    }
  }
  CaseMark(const CaseMark&) = delete;
  CaseMark& operator=(const CaseMark&) = delete;

 private:
  const char* id_;
};

}  // namespace trustee

#define TRUSTEE_CASE_CAT2(a, b) a##b
#define TRUSTEE_CASE_CAT(a, b) TRUSTEE_CASE_CAT2(a, b)
/// CASE("CPU-17"); as the first statement of a test. Several may stand in one test.
#define CASE(id) const ::trustee::CaseMark TRUSTEE_CASE_CAT(trustee_case_, __LINE__)(id)
