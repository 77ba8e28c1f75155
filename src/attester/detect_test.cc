#include "attester/detect.h"

#include <gtest/gtest.h>

#include <functional>

#include "attester/azure.h"
#include "attester/errors.h"
#include "attester/tpm.h"
#include "azure/errors.h"
#include "rcar/errors.h"
#include "rcar/init_data_binding.h"
#include "tests/support/case.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"
#include "tests/support/hcl_builder.h"

namespace trustee::attester {
namespace {

using rcar::Tee;

constexpr std::uint32_t kHcl = 0x01400001;

ByteVec hcl(std::uint32_t type) {
  return HclBuilder(test_rsa_ak().public_key()).report(type, ByteVec(1184, 0));
}

TEST(Detect, finds_nothing_on_an_ordinary_machine) {
  CASE("CL-70");
  FakeMachine fake;
  const Detected got = detect(fake.machine);
  EXPECT_EQ(got.tee, Tee::sample);
  EXPECT_TRUE(got.without_attester.empty());
  auto source = MachineSource::create(got.tee, fake.machine);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(json::write(*(*source)->evidence(as_bytes("xxxx"))),
            R"({"report_data":"eHh4eA==","svn":"1"})");
  EXPECT_EQ(*(*source)->additional({}), "");
}

TEST(Detect, takes_the_first_of_the_order) {
  FakeMachine fake;
  fake.files.content["/dev/tpm0"] = {};
  EXPECT_EQ(detect(fake.machine).tee, Tee::tpm);
  fake.files.content["/sys/devices/platform/sev-guest"] = {};
  EXPECT_EQ(detect(fake.machine).tee, Tee::snp);
  fake.tpm = std::make_shared<FakeTpm>();
  fake.tpm->nv[kHcl] = hcl(2);
  EXPECT_EQ(detect(fake.machine).tee, Tee::az_snp_vtpm);
  fake.tpm->nv[kHcl] = hcl(4);
  EXPECT_EQ(detect(fake.machine).tee, Tee::az_tdx_vtpm);
  fake.files.tsm = FakeTsm{};
  fake.files.tsm->provider = "tdx_guest\n";
  EXPECT_EQ(detect(fake.machine).tee, Tee::tdx);
  EXPECT_EQ(fake.files.directories_left(), 0U);
}

TEST(Detect, takes_either_interface_of_the_kernel) {
  FakeMachine fake;
  fake.files.content["/dev/tdx_guest"] = {};
  EXPECT_EQ(detect(fake.machine).tee, Tee::tdx);
  fake.files.content.clear();
  fake.files.tsm = FakeTsm{};
  EXPECT_EQ(detect(fake.machine).tee, Tee::snp);
}

TEST(Detect, asks_a_tpm_only_when_its_handle_setting_can_be_used) {
  FakeMachine fake;
  fake.machine.environment.tpm_device = "/dev/elsewhere";
  EXPECT_EQ(detect(fake.machine).tee, Tee::tpm);
  fake.machine.environment.tpm_ak_handle = "nonsense";
  EXPECT_EQ(detect(fake.machine).tee, Tee::sample);
}

TEST(Detect, names_hardware_that_it_has_no_attester_for) {
  FakeMachine fake;
  fake.machine.environment.occlum = true;
  fake.files.content["/dev/csv-guest"] = {};
  fake.files.tsm = FakeTsm{};
  fake.files.tsm->provider = "arm_cca_guest\n";
  fake.files.content["/sys/firmware/uv/prot_virt_guest"] = to_vec(as_bytes("1\n"));
  const Detected got = detect(fake.machine);
  EXPECT_EQ(got.tee, Tee::sample);
  EXPECT_EQ(got.without_attester, (std::vector<std::string>{"sgx", "csv", "cca", "se"}));
}

TEST(Detect, takes_no_tpm_quote_for_hardware_that_it_has_no_attester_for) {
  struct Row {
    const char* name;
    std::function<void(FakeMachine&)> make;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"sgx", [](FakeMachine& m) { m.machine.environment.occlum = true; }},
           {"sgx",
            [](FakeMachine& m) { m.files.content["/dev/attestation/attestation_type"] = {}; }},
           {"csv", [](FakeMachine& m) { m.files.content["/dev/csv-guest"] = {}; }},
           {"cca",
            [](FakeMachine& m) {
              m.files.tsm = FakeTsm{};
              m.files.tsm->provider = "arm_cca_guest\n";
            }},
           {"se", [](FakeMachine& m) {
              m.files.content["/sys/firmware/uv/prot_virt_guest"] = to_vec(as_bytes("1\n"));
            }}}) {
    FakeMachine fake;
    fake.files.content["/dev/tpmrm0"] = {};
    EXPECT_EQ(detect(fake.machine).tee, Tee::tpm);
    row.make(fake);
    const Detected got = detect(fake.machine);
    EXPECT_EQ(got.tee, Tee::sample) << row.name;
    EXPECT_EQ(got.without_attester, std::vector<std::string>{row.name});
  }
}

TEST(Detect, names_an_azure_report_that_it_cannot_use_and_takes_no_quote_of_its_tpm_instead) {
  const HclBuilder builder(test_rsa_ak().public_key());
  const ByteVec zeros(1184, 0);
  ByteVec cut = hcl(2);
  cut.resize(100);
  struct Row {
    ByteVec report;
    azure::Errc code;
  };
  for (const Row& row :
       {Row{HclBuilder(builder).with_hash_type(2).report(2, zeros),
            azure::Errc::hcl_hash_unsupported},
        Row{hcl(3), azure::Errc::hcl_malformed}, Row{cut, azure::Errc::hcl_malformed}}) {
    FakeMachine fake;
    fake.files.content["/dev/tpmrm0"] = {};
    fake.tpm = std::make_shared<FakeTpm>();
    fake.tpm->nv[kHcl] = row.report;
    EXPECT_TRUE(azure_kind(fake.machine).error().is(row.code));
    const Detected got = detect(fake.machine);
    EXPECT_EQ(got.tee, Tee::sample);
    ASSERT_EQ(got.without_attester.size(), 1U);
    EXPECT_TRUE(got.without_attester[0].starts_with("Azure's vTPM (")) << got.without_attester[0];
    // A report of the processor itself says what hardware it is.
    fake.files.content["/sys/devices/platform/sev-guest"] = {};
    EXPECT_EQ(detect(fake.machine).tee, Tee::snp);
  }
}

TEST(Detect, takes_a_tpm_whose_owner_keeps_something_else_where_azure_keeps_its_report) {
  FakeMachine fake;
  fake.files.content["/dev/tpmrm0"] = {};
  fake.tpm = std::make_shared<FakeTpm>();
  for (const ByteVec& other : {ByteVec(), ByteVec(3, 0x48), ByteVec(2600, 7)}) {
    fake.tpm->nv[kHcl] = other;
    EXPECT_EQ(detect(fake.machine).tee, Tee::tpm);
  }
}

TEST(MachineSource, is_refused_for_kinds_without_attester) {
  FakeMachine fake;
  for (const Tee tee : {Tee::sgx, Tee::cca, Tee::nvidia, Tee::sample_device}) {
    EXPECT_TRUE(MachineSource::create(tee, fake.machine).error().is(Errc::tee_unsupported));
  }
}

TEST(MachineSource, adds_the_sample_device_that_the_environment_asks_for) {
  FakeMachine fake;
  fake.machine.environment.sample_device = true;
  auto source = MachineSource::create(Tee::sample, fake.machine).value();
  EXPECT_EQ(*source->additional(as_bytes("xxxx")),
            R"({"sampledevice":{"report_data":"eHh4eA==","svn":"2"}})");
}

const ByteVec kDigest =
    from_hex("2765b31f35243636a195a8acc595b86d69223c25bcff9ebb6f7a4e0c340df6b4");

TEST(BindInitData, is_refused_where_nothing_is_bound) {
  FakeMachine fake;
  auto source = MachineSource::create(Tee::sample, fake.machine).value();
  EXPECT_TRUE(source->bind_init_data(kDigest).error().is(rcar::Errc::init_data_unbound));
}

TEST(BindInitData, compares_what_the_machine_was_started_with) {
  FakeMachine fake;
  const std::string path = "/sys/devices/virtual/misc/tdx_guest/measurements/mrconfigid";
  fake.files.content[path] = kDigest;
  fake.files.content[path].resize(48);
  auto source = MachineSource::create(Tee::tdx, fake.machine).value();
  EXPECT_TRUE(source->bind_init_data(kDigest).ok());
  fake.files.content[path][0] ^= 1U;
  EXPECT_TRUE(source->bind_init_data(kDigest).error().is(Errc::init_data_mismatch));
}

TEST(BindInitData, compares_host_data_of_an_snp_report) {
  FakeMachine fake;
  fake.files.tsm = FakeTsm{};
  fake.files.tsm->outblob = [](const ByteArray<64>&) -> Result<ByteVec> {
    return file_bytes("tests/vectors/snp/evidence-genoa-e2e.report.bin");
  };
  auto source = MachineSource::create(Tee::snp, fake.machine).value();
  EXPECT_TRUE(source->bind_init_data(ByteVec(32)).ok());
  EXPECT_TRUE(source->bind_init_data(kDigest).error().is(Errc::init_data_mismatch));
}

TEST(BindInitData, extends_pcr_8_of_a_tpm) {
  FakeMachine fake;
  fake.files.content["/dev/tpm0"] = {};
  fake.tpm = std::make_shared<FakeTpm>();
  auto source = MachineSource::create(Tee::tpm, fake.machine).value();
  ASSERT_TRUE(source->bind_init_data(kDigest).ok());
  EXPECT_EQ(to_vec(fake.tpm->pcrs.values[8]), rcar::init_data_binding(Tee::tpm, kDigest)->value);
}

}  // namespace
}  // namespace trustee::attester
