#include "attester/snp.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "attester/certificate_table.h"
#include "attester/errors.h"
#include "attester/snp_device.h"
#include "snp/evidence.h"
#include "tests/support/case.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"

namespace trustee::attester {
namespace {

const ByteVec kVcekGuid = from_hex("63da758de6644564adc5f4b93be8accd");
const ByteVec kAskGuid = from_hex("4ab7b379bbac4fe4a02f05aef327c782");

void append_le32(ByteVec& out, std::size_t n) {
  for (unsigned i = 0; i < 4; ++i) {
    out.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
  }
}

// A host's table: the entries, one of zeros, the certificates, zeros up to a page.
ByteVec table_of(const std::vector<std::pair<ByteVec, ByteVec>>& entries) {
  ByteVec out;
  std::size_t offset = (entries.size() + 1) * 24;
  for (const auto& [guid, der] : entries) {
    out.insert(out.end(), guid.begin(), guid.end());
    append_le32(out, offset);
    append_le32(out, der.size());
    offset += der.size();
  }
  out.insert(out.end(), 24, 0);
  for (const auto& entry : entries) {
    out.insert(out.end(), entry.second.begin(), entry.second.end());
  }
  out.resize((out.size() + 4095) / 4096 * 4096);
  return out;
}

// What a guest of the released system sent, and the report and certificate it was made from. That
// guest was older than the two mitigation vectors, which newer ones send as null.
json::Value recorded_evidence() {
  json::Value out = json::parse(file_text("tests/vectors/snp/evidence-genoa-e2e.json")).value();
  json::Object& report = *out.as_object()->find("attestation_report")->as_object();
  json::Value signature = report.remove("signature").value();
  report.append("launch_mit_vector", {});
  report.append("current_mit_vector", {});
  report.append("signature", std::move(signature));
  return out;
}

struct Recorded {
  std::string evidence = json::write(recorded_evidence());
  ByteVec report = file_bytes("tests/vectors/snp/evidence-genoa-e2e.report.bin");
  ByteVec vcek = file_bytes("tests/vectors/snp/evidence-genoa-e2e.vcek.der");
};

struct SnpTest : ::testing::Test {
  SnpTest() {
    fake.files.tsm = FakeTsm{};
    fake.files.tsm->outblob = [this](const ByteArray<64>& data) -> Result<ByteVec> {
      asked = to_vec(data);
      return recorded.report;
    };
    fake.files.tsm->auxblob = table_of({{kVcekGuid, recorded.vcek}});
  }
  Recorded recorded;
  ByteVec asked;
  FakeMachine fake;
};

TEST_F(SnpTest, evidence_is_the_text_that_the_released_guest_sent) {
  const auto evidence = snp_evidence(fake.machine, ByteVec(48, 7));
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  EXPECT_TRUE(json::write(*evidence) == recorded.evidence);
}

TEST_F(SnpTest, report_data_is_padded_with_zeros) {
  CASE("CL-75");
  ASSERT_TRUE(snp_evidence(fake.machine, ByteVec(48, 7)).ok());
  ByteVec expected(48, 7);
  expected.resize(64);
  EXPECT_EQ(asked, expected);
}

TEST_F(SnpTest, report_data_that_does_not_fit_is_refused) {
  CASE("CL-74");
  EXPECT_TRUE(snp_evidence(fake.machine, ByteVec(64, 7)).ok());
  EXPECT_TRUE(snp_evidence(fake.machine, ByteVec(65, 7)).error().is(Errc::report_data_too_long));
}

TEST_F(SnpTest, a_host_without_certificates_gives_null) {
  for (const auto& table : {std::optional<ByteVec>(), std::optional<ByteVec>(ByteVec()),
                            std::optional<ByteVec>(table_of({}))}) {
    fake.files.tsm->auxblob = table;
    const auto evidence = snp_evidence(fake.machine, {});
    ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
    EXPECT_TRUE(evidence->as_object()->find("cert_chain")->is_null());
  }
}

TEST_F(SnpTest, a_malformed_report_or_table_is_refused) {
  fake.files.tsm->auxblob = ByteVec(24, 1);
  EXPECT_TRUE(snp_evidence(fake.machine, {}).error().is(Errc::certificate_table_malformed));
  recorded.report.pop_back();
  EXPECT_FALSE(snp_evidence(fake.machine, {}).ok());
}

TEST_F(SnpTest, host_data_is_that_of_a_report) {
  const auto host_data = snp_host_data(fake.machine);
  ASSERT_TRUE(host_data.ok());
  EXPECT_EQ(*host_data, ByteVec(recorded.report.begin() + 0xC0, recorded.report.begin() + 0xE0));
}

TEST(CertificateTable, leaves_out_what_no_server_reads_and_keeps_the_order) {
  const auto got = parse_certificate_table(
      table_of({{kAskGuid, {1, 2}}, {ByteVec(16, 9), {3}}, {kVcekGuid, {4}}}));
  ASSERT_TRUE(got.ok()) << got.error().to_string();
  ASSERT_EQ(got->size(), 2U);
  EXPECT_EQ((*got)[0], (snp::CertificateEntry{snp::CertificateType::ask, {1, 2}}));
  EXPECT_EQ((*got)[1], (snp::CertificateEntry{snp::CertificateType::vcek, {4}}));
}

TEST(CertificateTable, refuses_what_lies_outside_or_does_not_end) {
  const ByteVec good = table_of({{kVcekGuid, ByteVec(100, 5)}});
  for (std::size_t n = 1; n < 48 + 100; ++n) {
    EXPECT_FALSE(parse_certificate_table(Bytes(good).first(n)).ok()) << n;
  }
  ByteVec far = good;
  far[16] = far[17] = far[18] = far[19] = 0xFF;  // offset
  EXPECT_FALSE(parse_certificate_table(far).ok());
  ByteVec big = table_of({{kVcekGuid, ByteVec(snp::kMaxCertificateSize + 1, 5)}});
  EXPECT_FALSE(parse_certificate_table(big).ok());
  std::vector<std::pair<ByteVec, ByteVec>> many(kMaxTableEntries, {kAskGuid, {1}});
  EXPECT_TRUE(parse_certificate_table(table_of(many)).ok());
  many.push_back(many.front());
  EXPECT_FALSE(parse_certificate_table(table_of(many)).ok());
}

// The kernel's structure as the specification gives it, read here by offset.
struct DeviceTest : SnpTest {
  DeviceTest() {
    fake.files.tsm.reset();
    fake.devices.on_control = [this](const std::string& path, unsigned long request, void* p) {
      EXPECT_EQ(path, "/dev/sev-guest");
      EXPECT_EQ(request, 0xC0205302UL);  // _IOWR('S', 2, 32 bytes)
      auto* words = static_cast<std::uint64_t*>(p);
      EXPECT_EQ(words[0] & 0xFFU, 1U);  // msg_version
      const auto* wanted = reinterpret_cast<const std::uint8_t*>(words[1]);
      asked.assign(wanted, wanted + 64);
      std::uint64_t table_address = 0;
      std::uint32_t table_size = 0;
      std::memcpy(&table_address, wanted + 96, 8);
      std::memcpy(&table_size, wanted + 104, 4);
      EXPECT_EQ(table_size % 4096, 0U);
      words[3] = exit_info;
      if (failures > 0) {
        --failures;
        return error;
      }
      auto* answer = reinterpret_cast<std::uint8_t*>(words[2]);
      std::memset(answer, 0, 4000);
      std::memcpy(answer, &status, 4);
      const auto size = static_cast<std::uint32_t>(recorded.report.size());
      std::memcpy(answer + 4, &size, 4);
      std::memcpy(answer + 32, recorded.report.data(), size);
      std::memcpy(reinterpret_cast<void*>(table_address), table.data(),
                  std::min<std::size_t>(table.size(), table_size));
      return 0;
    };
  }
  ByteVec table = table_of({{kVcekGuid, recorded.vcek}});
  std::uint32_t status = 0;
  std::uint64_t exit_info = 0;
  int failures = 0;
  int error = EIO;
};

TEST_F(DeviceTest, the_older_device_gives_the_same_evidence) {
  const auto evidence = snp_evidence(fake.machine, ByteVec(48, 7));
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  EXPECT_TRUE(json::write(*evidence) == recorded.evidence);
  EXPECT_EQ(Bytes(asked)[0], 7);
}

TEST_F(DeviceTest, a_busy_host_is_asked_again_a_bounded_number_of_times) {
  exit_info = 2ULL << 32U;
  failures = 2;
  EXPECT_TRUE(snp_evidence(fake.machine, {}).ok());
  EXPECT_EQ(fake.devices.controls, 3);
  failures = 1000;
  EXPECT_TRUE(snp_evidence(fake.machine, {}).error().is(Errc::file_busy));
}

TEST_F(DeviceTest, errors_of_firmware_and_host_are_told) {
  failures = 1000;
  exit_info = 0x16;
  const auto firmware = snp_evidence(fake.machine, {});
  EXPECT_TRUE(firmware.error().is(Errc::device_failed));
  EXPECT_NE(firmware.error().detail().find("firmware error 22"), std::string::npos);
  exit_info = 1ULL << 32U;
  EXPECT_TRUE(snp_evidence(fake.machine, {}).error().is(Errc::certificates_too_large));
  failures = 0;
  status = 0x27;
  EXPECT_TRUE(snp_evidence(fake.machine, {}).error().is(Errc::device_failed));
}

TEST(SnpAnswer, of_another_size_is_refused) {
  ByteVec answer(4000);
  answer[4] = 0xA0;
  answer[5] = 0x04;
  EXPECT_TRUE(snp_report_of_answer(answer).ok());
  EXPECT_TRUE(snp_report_of_answer(Bytes(answer).first(1000)).error().is(Errc::answer_malformed));
  answer[4] = 0x9F;
  EXPECT_TRUE(snp_report_of_answer(answer).error().is(Errc::answer_malformed));
  answer[5] = 0xFF;
  EXPECT_FALSE(snp_report_of_answer(answer).ok());
}

}  // namespace
}  // namespace trustee::attester
