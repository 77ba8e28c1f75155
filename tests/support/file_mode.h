#pragma once

#include <sys/stat.h>

#include <string>

#include <gtest/gtest.h>

namespace trustee {

/// The permission bits of a file or directory; fails the test when there is none.
inline unsigned mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

}  // namespace trustee
