#include "operator/internal/mount_path.h"

#include <gtest/gtest.h>

#include "operator/errors.h"

namespace trustee::operators::internal {
namespace {

TEST(MountPath, is_written_in_one_way) {
  EXPECT_EQ(normal_mount_path("/a/b").value(), "/a/b");
  EXPECT_EQ(normal_mount_path("//a/./b//").value(), "/a/b");
  EXPECT_EQ(normal_mount_path("/a/.../..b").value(), "/a/.../..b");
  EXPECT_EQ(normal_mount_path("/./").value(), "/");
}

TEST(MountPath, that_cannot_be_mounted_at_is_refused) {
  for (const auto* bad : {"", "a", "./a", "/a/../b", "/..", "/a/..", "/a:b", "/a\nb"}) {
    const auto path = normal_mount_path(bad);
    ASSERT_FALSE(path.ok()) << bad;
    EXPECT_TRUE(path.error().is(Errc::mount_path_invalid)) << bad;
  }
}

TEST(MountPath, overlaps_what_is_above_and_below_it) {
  EXPECT_TRUE(overlaps("/a", "/a"));
  EXPECT_TRUE(overlaps("/a/b", "/a"));
  EXPECT_TRUE(overlaps("/", "/a"));
  EXPECT_FALSE(overlaps("/ab", "/a"));
  EXPECT_FALSE(overlaps("/a/b", "/a/c"));
}

TEST(MountPath, of_the_pod_itself_is_reserved) {
  for (const auto* taken :
       {"/", "/etc", "/etc/kbs-config", "/etc/session-keys/x", "/opt/confidential-containers",
        "/opt/confidential-containers/storage/repository/default/s", "/usr/local/bin", "/run",
        "/etc/https-key", "/etc/attestation-cert", "/etc/as-config", "/proc/1"}) {
    EXPECT_TRUE(is_reserved(taken)) << taken;
  }
  EXPECT_FALSE(is_reserved("/etc/kbs/snp/ek"));
  EXPECT_FALSE(is_reserved("/opt/confidential-containers/attestation-service/kds-store/vcek"));
}

}  // namespace
}  // namespace trustee::operators::internal
