#include "attester/linux_machine.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cerrno>

#include "attester/errors.h"
#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"

namespace trustee::attester {
namespace {

struct LinuxFilesTest : ::testing::Test {
  TempDir root;
  LinuxFiles files{root.path()};
};

TEST_F(LinuxFilesTest, stores_from_an_offset_and_cuts_what_follows) {
  ASSERT_TRUE(files.store("/log", 0, ByteVec{1, 2, 3, 4}).ok());
  ASSERT_TRUE(files.store("/log", 2, ByteVec{9}).ok());
  EXPECT_EQ(*files.read("/log", 100), (ByteVec{1, 2, 9}));
  struct stat s = {};
  ASSERT_EQ(::stat((root / "log").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777U, 0600U);
  ASSERT_TRUE(files.remove("/log").ok());
  EXPECT_FALSE(files.exists("/log"));
}

TEST_F(LinuxFilesTest, replaces_a_file_and_never_writes_into_it) {
  ASSERT_TRUE(files.replace("/pending", ByteVec{1, 2, 3, 4}).ok());
  struct stat s = {};
  ASSERT_EQ(::stat((root / "pending").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777U, 0600U);
  // A second name keeps what was there: whoever reads sees the old file or the new one.
  ASSERT_EQ(::link((root / "pending").c_str(), (root / "before").c_str()), 0);
  ASSERT_TRUE(files.store("/pending.new", 0, ByteVec(100, 9)).ok());  // of an interrupted attempt
  ASSERT_TRUE(files.replace("/pending", ByteVec{5, 6}).ok());
  EXPECT_EQ(*files.read("/pending", 100), (ByteVec{5, 6}));
  EXPECT_EQ(*files.read("/before", 100), (ByteVec{1, 2, 3, 4}));
  EXPECT_FALSE(files.exists("/pending.new"));
  ASSERT_TRUE(files.make_directory("/folder").ok());
  EXPECT_FALSE(files.replace("/folder", ByteVec{1}).ok());
  EXPECT_TRUE(files.replace("/absent/x", ByteVec{1}).error().is(Errc::file_missing));
}

TEST_F(LinuxFilesTest, reads_up_to_its_bound) {
  ASSERT_TRUE(files.store("/f", 0, ByteVec(100'000, 7)).ok());
  EXPECT_EQ(files.read("/f", 100'000)->size(), 100'000U);
  EXPECT_TRUE(files.read("/f", 99'999).error().is(Errc::file_too_large));
}

TEST_F(LinuxFilesTest, writes_only_what_is_there) {
  EXPECT_TRUE(files.write("/absent", ByteVec{1}).error().is(Errc::file_missing));
  ASSERT_TRUE(files.store("/there", 0, ByteVec{1}).ok());
  ASSERT_TRUE(files.write("/there", ByteVec{2}).ok());
  EXPECT_EQ(*files.read("/there", 10), ByteVec{2});
}

TEST_F(LinuxFilesTest, makes_and_removes_directories) {
  ASSERT_TRUE(files.make_directory("/d").ok());
  EXPECT_TRUE(files.exists("/d"));
  EXPECT_TRUE(files.make_directory("/d").error().is(Errc::file_failed));
  ASSERT_TRUE(files.remove_directory("/d").ok());
  EXPECT_TRUE(files.remove_directory("/d").error().is(Errc::file_missing));
  EXPECT_TRUE(files.read("/absent/x", 10).error().is(Errc::file_missing));
  EXPECT_TRUE(files.remove("/absent").error().is(Errc::file_missing));
}

TEST_F(LinuxFilesTest, devices_report_the_errno_of_their_driver) {
  ASSERT_TRUE(files.store("/no-device", 0, ByteVec{1}).ok());
  LinuxDevices devices(root.path());
  std::uint8_t nothing[64] = {};
  EXPECT_EQ(*devices.control("/no-device", 0xC0205302UL, nothing), ENOTTY);
  EXPECT_TRUE(devices.control("/absent", 0, nothing).error().is(Errc::file_missing));
}

}  // namespace
}  // namespace trustee::attester
