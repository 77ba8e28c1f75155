#include "reload/store_notices.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/support/temp_dir.h"

namespace trustee::reload {
namespace {

namespace fs = std::filesystem;

class Notices : public ::testing::Test {
 protected:
  void write(const std::string& name) { std::ofstream(dir_ / name, std::ios::app) << "x"; }
  bool noticed_once() {
    const bool noticed = notices_.pending();
    notices_.take();
    return noticed && !notices_.pending();
  }

  TempDir dir_;
  StoreNotices notices_;
};

TEST_F(Notices, tell_of_each_kind_of_change_right_in_the_directory) {
  write("old");
  notices_.watch({dir_.path()});
  EXPECT_FALSE(notices_.pending());
  const std::function<void()> changes[] = {
      [&] { write("new"); },
      [&] { write("old"); },
      [&] { fs::rename(dir_ / "new", dir_ / "old"); },
      [&] { fs::create_symlink("..2026", dir_ / "..data_tmp"); },
      [&] { fs::rename(dir_ / "..data_tmp", dir_ / "..data"); },
      [&] { fs::remove(dir_ / "old"); },
      [&] { fs::last_write_time(dir_.path(), fs::file_time_type::clock::now()); },
  };
  for (const auto& change : changes) {
    change();
    EXPECT_TRUE(noticed_once()) << &change - changes;
  }
}

TEST_F(Notices, are_not_of_reading_nor_of_other_directories) {
  write("file");
  fs::create_directory(dir_ / "below");
  notices_.watch({dir_.path()});
  std::string text;
  std::ifstream(dir_ / "file") >> text;
  EXPECT_EQ(text, "x");
  for (const auto& entry : fs::directory_iterator(dir_.path())) {
    EXPECT_FALSE(entry.path().empty());
  }
  write("below/file");
  EXPECT_FALSE(notices_.pending());
}

TEST_F(Notices, of_a_directory_made_anew_come_once_it_is_watched_again) {
  const std::string path = dir_ / "d";
  fs::create_directory(path);
  EXPECT_TRUE(notices_.watch({path, dir_ / "absent"}));
  fs::remove_all(path);
  fs::create_directory(path);
  EXPECT_TRUE(noticed_once());
  write("d/file");
  EXPECT_FALSE(notices_.pending());
  notices_.watch({path});
  write("d/file");
  EXPECT_TRUE(noticed_once());
}

TEST_F(Notices, cannot_be_had_of_what_is_no_directory) {
  write("file");
  EXPECT_FALSE(notices_.watch({dir_ / "file"}));
  EXPECT_FALSE(notices_.watch({dir_ / "file/below"}));
}

}  // namespace
}  // namespace trustee::reload
