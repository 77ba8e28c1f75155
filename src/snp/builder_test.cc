#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

#include "snp/snp_test_data.h"
#include "tests/support/temp_dir.h"

// The builder of tests/support, checked against what python wrote and by python itself.

namespace trustee {
namespace {

using amd::pki;

TEST(SnpBuilder, MakesTheSameReportsAsPythonButForTheSignature) {
  const struct {
    const char* file;
    SnpBuilder builder;
  } rows[] = {{"report-genoa-v3.bin", SnpBuilder::genoa_v3()},
              {"report-milan-v4.bin", SnpBuilder::milan_v4()},
              {"report-turin-v5.bin", SnpBuilder::turin_v5()}};
  for (const auto& row : rows) {
    const ByteVec theirs = file_bytes(pki(row.file));
    const ByteVec ours = row.builder.sign(snp_test_key());
    ASSERT_EQ(theirs.size(), ours.size());
    EXPECT_TRUE(equal(Bytes(theirs).first(0x2A0), Bytes(ours).first(0x2A0))) << row.file;
    EXPECT_TRUE(equal(Bytes(theirs).subspan(0x330), Bytes(ours).subspan(0x330))) << row.file;
  }
}

void write(const std::string& path, const ByteVec& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << as_text(bytes);
}

int run(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return -1;
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
  }
  return ::pclose(pipe);
}

TEST(SnpBuilder, PythonAcceptsItsSignaturesAndRefusesAChangedReport) {
  const TempDir dir;
  ByteVec report = SnpBuilder::turin_v5().sign(snp_test_key());
  write(dir / "good.bin", report);
  write(dir / "good-2.bin", SnpBuilder::milan_v5().sign(snp_test_key()));
  report[0x90] ^= 1U;
  write(dir / "changed.bin", report);
  const std::string check =
      "/usr/bin/python3 " + pki("check_report.py") + " " + pki("vcek-turin.der") + " ";
  EXPECT_EQ(run(check + dir / "good.bin" + " " + dir / "good-2.bin"), 0);
  EXPECT_NE(run(check + dir / "changed.bin"), 0);
}

}  // namespace
}  // namespace trustee
