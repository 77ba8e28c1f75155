#include "attester/tsm_report.h"

#include <gtest/gtest.h>

#include "attester/errors.h"
#include "tests/support/case.h"
#include "tests/support/fake_machine.h"

namespace trustee::attester {
namespace {

constexpr ByteArray<64> kData = {1, 2, 3};

struct TsmTest : ::testing::Test {
  TsmTest() {
    fake.files.tsm = FakeTsm{};
    fake.files.tsm->provider = "tdx_guest\n";
    fake.files.tsm->outblob = [](const ByteArray<64>& in) { return to_vec(in); };
  }
  FakeTsm& tsm() { return *fake.files.tsm; }
  Result<TsmReport> report() { return tsm_report(fake.machine, "tdx_guest", kData); }
  FakeMachine fake;
};

TEST_F(TsmTest, gives_the_report_of_the_wanted_provider) {
  CASE("CL-72");
  const auto got = report();
  ASSERT_TRUE(got.ok()) << got.error().to_string();
  EXPECT_EQ(got->outblob, to_vec(kData));
  EXPECT_TRUE(got->auxblob.empty());
  EXPECT_EQ(fake.files.directories_left(), 0U);
}

TEST_F(TsmTest, refuses_another_provider_and_writes_nothing) {
  CASE("CL-72");
  for (const char* provider : {"sev_guest\n", "foo_guest\n", "", "tdx_guest\n\n", "tdx_gues"}) {
    tsm().provider = provider;
    const auto got = report();
    ASSERT_FALSE(got.ok()) << provider;
    EXPECT_TRUE(got.error().is(Errc::provider_wrong));
    EXPECT_TRUE(fake.files.writes.empty());
    EXPECT_EQ(fake.files.directories_left(), 0U);
  }
}

TEST_F(TsmTest, takes_the_generation_that_counts_its_own_write) {
  CASE("CL-73");
  tsm().generation = "1\n";
  EXPECT_TRUE(report().ok());
}

TEST_F(TsmTest, discards_data_of_another_generation_each_time_and_gives_up) {
  CASE("CL-73");
  tsm().generation = "2\n";
  const auto got = report();
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(Errc::generation_changed));
  EXPECT_EQ(fake.files.directories_made, kTsmAttempts);
  EXPECT_EQ(fake.files.directories_left(), 0U);
}

TEST_F(TsmTest, starts_afresh_when_somebody_else_wrote_once) {
  tsm().foreign_writes = 1;
  EXPECT_TRUE(report().ok());
  EXPECT_EQ(fake.files.directories_made, 2);
}

TEST_F(TsmTest, refuses_a_generation_that_is_no_number) {
  CASE("CL-73");
  tsm().generation = "parseerror\n";
  const auto got = report();
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(Errc::generation_malformed));
  EXPECT_EQ(fake.files.directories_made, 1);
}

TEST(Generation, is_digits_and_one_newline) {
  EXPECT_EQ(*parse_generation("0\n"), 0U);
  EXPECT_EQ(*parse_generation("18446744073709551615\n"), 18446744073709551615U);
  for (const char* text : {"", "\n", "1", "1\n\n", " 1\n", "-1\n", "+1\n", "1 \n", "0x1\n",
                           "18446744073709551616\n"}) {
    EXPECT_TRUE(parse_generation(text).error().is(Errc::generation_malformed)) << text;
  }
}

TEST_F(TsmTest, waits_for_a_busy_provider_a_bounded_number_of_times) {
  tsm().busy_reads = kBusyAttempts - 1;
  EXPECT_TRUE(report().ok());
  EXPECT_EQ(fake.pauses, kBusyAttempts - 1);
  tsm().busy_reads = 1000;
  const auto got = report();
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().is(Errc::file_busy));
  EXPECT_EQ(tsm().busy_reads, 1000 - kTsmAttempts * kBusyAttempts);
}

TEST_F(TsmTest, takes_the_directory_away_when_the_provider_fails) {
  tsm().outblob = [](const ByteArray<64>&) -> Result<ByteVec> { return Errc::file_failed; };
  EXPECT_TRUE(report().error().is(Errc::file_failed));
  EXPECT_EQ(fake.files.directories_made, 1);
  EXPECT_EQ(fake.files.directories_left(), 0U);
}

TEST_F(TsmTest, writes_a_privilege_level_as_text_and_counts_it) {
  tsm().auxblob = ByteVec{7};
  const auto got = tsm_report(fake.machine, "tdx_guest", kData, 2);
  ASSERT_TRUE(got.ok()) << got.error().to_string();
  ASSERT_EQ(fake.files.writes.size(), 2U);
  EXPECT_EQ(fake.files.writes[0], "privlevel=2");
  EXPECT_EQ(got->auxblob, ByteVec{7});
}

TEST_F(TsmTest, says_so_where_there_is_no_configfs) {
  fake.files.tsm.reset();
  EXPECT_TRUE(report().error().is(Errc::file_missing));
  EXPECT_FALSE(tsm_belongs_to(fake.files, "tdx_guest"));
}

}  // namespace
}  // namespace trustee::attester
