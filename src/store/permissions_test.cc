// Directories that nobody may write, or that cannot be read.

#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "store/mounted_testbed.h"

namespace trustee {
namespace {

constexpr uid_t kNobody = 65534;

bool is_root() { return ::geteuid() == 0; }

/// Runs `check` as somebody whom permissions bind: root becomes another.
bool holds_for_a_stranger(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool other = !is_root() || (::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 &&
                                      ::setuid(kNobody) == 0);
    ::_exit(other && check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

/// A directory whose permissions tests take away, also from themselves; they come back at the end.
class Permissions : public ::testing::Test {
 protected:
  Permissions() { ::chmod(dir_.path().c_str(), 0755); }
  ~Permissions() override {
    for (auto at = changed_.rbegin(); at != changed_.rend(); ++at) {
      ::chmod(at->c_str(), 0755);
    }
  }
  void permit(const std::string& name, mode_t mode) {
    changed_.push_back(dir_ / name);
    ASSERT_EQ(::chmod(changed_.back().c_str(), mode), 0) << name;
  }
  TempDir dir_;

 private:
  std::vector<std::string> changed_;
};

TEST_F(Permissions, what_nobody_can_write_is_read_and_writes_say_so) {
  KubeletVolume policy(dir_ / "kbs");
  policy.write({{"resource-policy.rego", "p"}});
  KubeletVolume secret(dir_ / "repository/default/app");
  secret.write({{"key", "k"}});
  KubeletVolume values(dir_ / "local_json");
  values.write({{"reference-values.json", "[]"}});
  for (const char* name :
       {"kbs", "repository/default/app", "repository/default", "repository", "local_json"}) {
    permit(name, 0555);
  }
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto kbs = open_fs(dir_.path(), "kbs");
    const auto repository = open_fs(dir_.path(), "repository");
    return text_of(kbs->get("resource-policy.rego")) == "value p" &&
           kbs->put("new", {}, Overwrite::no).error().is(kv::Errc::not_writable) &&
           text_of(repository->get("default/app/key")) == "value k" &&
           repository->put("a/b/c", {}, Overwrite::yes).error().is(kv::Errc::not_writable) &&
           repository->remove("default/app/key").error().is(kv::Errc::not_writable) &&
           text_of(repository->get("default/app/key")) == "value k";
  }));
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = open_json(dir_ / "local_json", "reference_value");
    return space->list().value().empty() && text_of(space->get("svn")) == "absent" &&
           space->put("svn", {}, Overwrite::yes).error().is(kv::Errc::not_writable);
  }));
}

TEST_F(Permissions, what_a_dead_process_left_where_nobody_can_write_is_in_nobodys_way) {
  write_file(dir_ / "fs/k", "v");
  write_file(dir_ / "fs/.trustee~new", "half");
  write_file(dir_ / "json/n", R"({"k":"dg=="})");
  write_file(dir_ / "json/.trustee~new", "half");
  permit("fs", 0555);
  permit("json", 0555);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto files = store::open_local_fs_directory(dir_ / "fs");
    return files.ok() && sorted((*files)->list()) == Keys{"k"} &&
           text_of(open_json(dir_ / "json", "n")->get("k")) == "value v";
  }));
}

TEST_F(Permissions, a_file_that_may_not_be_replaced_is_not_writable_and_in_a_batch_waits) {
  write_file(dir_ / "n/k", "v");
  const std::string directory = dir_ / "n";
  permit("n", 0755);
  if (is_root()) ASSERT_EQ(::chown(directory.c_str(), kNobody, kNobody), 0);
  const auto has = [&](const char* name) {
    return std::filesystem::exists(directory + "/" + name);
  };
  // Who may make a file there loses the right before it takes the other one's place.
  bool wait_for_journal = false;
  const store::StepHook hook = [&](std::string_view step) {
    const bool closed = step == "rename" && (!wait_for_journal || has(".trustee~journal"));
    ::chmod(directory.c_str(), closed ? 0555 : 0755);
  };
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto files =
        store::create_local_fs({.dir_path = dir_.path(), .before_step = hook}).value();
    const auto space = files->open("n").value();
    const bool refused =
        space->put("k", as_bytes("w"), Overwrite::yes).error().is(kv::Errc::not_writable) &&
        !has(".trustee~new");
    wait_for_journal = true;
    const std::vector<kv::Entry> batch{{"k", {'w'}}};
    return refused && space->put_all(batch).error().is(kv::Errc::io);
  }));
  ASSERT_EQ(::chmod(directory.c_str(), 0755), 0);
  EXPECT_EQ(text_of(open_fs(dir_.path(), "n")->get("k")), "value w") << "who may, carries it out";
}

TEST_F(Permissions, a_link_that_cannot_be_followed_is_told_and_the_others_are_served) {
  write_file(dir_ / "closed/secret", "k");
  write_file(dir_ / "n/open", "k");
  std::filesystem::create_symlink(dir_ / "closed/secret", dir_ / "n/default\\x2Fapp\\x2Fkey");
  std::filesystem::create_symlink(dir_ / "closed/secret", dir_ / "n/key");
  std::filesystem::create_symlink(dir_ / "closed/secret", dir_ / "n/no entry");
  std::filesystem::create_symlink(dir_ / "closed/secret/below", dir_ / "n/nowhere");
  permit("n", 0777);
  permit("closed", 0000);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    Keys told;
    const auto space = store::open_local_fs_directory(dir_ / "n", [&](const auto& notice) {
                         told.push_back(notice);
                       }).value();
    const bool served = sorted(space->list()) == Keys{"open"} && space->version().ok() &&
                        space->get("default/app/key").error().is(kv::Errc::io) &&
                        space->replace_all({}).error().is(kv::Errc::not_writable);
    const std::string about = "what lies there is not served: " + (dir_ / "n");
    return served &&
           told == Keys{about + "/default\\x2Fapp\\x2Fkey: Permission denied",
                        about + "/key: Permission denied", about + "/nowhere: Permission denied"};
  }));
  std::filesystem::remove(dir_ / "n/key");
  std::filesystem::remove(dir_ / "n/nowhere");
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = store::open_local_fs_directory(dir_ / "n").value();
    return space->entries().error().is(kv::Errc::io) && space->list().error().is(kv::Errc::io);
  })) << "a backup is whole or none";
}

TEST_F(Permissions, a_directory_that_cannot_be_read_is_told_and_the_others_are_served) {
  write_file(dir_ / "repository/open/app/key", "k");
  write_file(dir_ / "repository/closed/app/key", "k");
  write_file(dir_ / "repository/listed/app/key", "k");
  permit("repository", 0777);
  permit("repository/closed", 0000);
  permit("repository/listed", 0444);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    std::vector<std::string> told;
    const auto space = store::open_local_fs_directory(dir_ / "repository", [&](const auto& notice) {
                         told.push_back(notice);
                       }).value();
    const bool served = sorted(space->list()) == Keys{"open/app/key"} &&
                        space->entries().value().size() == 1 && space->version().ok() &&
                        text_of(space->get("open/app/key")) == "value k" &&
                        space->get("closed/app/key").error().is(kv::Errc::io);
    std::sort(told.begin(), told.end());
    const std::string about = "what lies there is not served: " + (dir_ / "repository");
    return served &&
           told == std::vector<std::string>{about + "/closed: Permission denied",
                                            about + "/listed: Permission denied"} &&
           space->replace_all({}).error().is(kv::Errc::not_writable);
  }));
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = store::open_local_fs_directory(dir_ / "repository").value();
    return space->entries().error().is(kv::Errc::io);
  })) << "a backup is whole or none";
}

TEST_F(Permissions, a_directory_that_becomes_unreadable_is_a_change) {
  write_file(dir_ / "repository/open/key", "k");
  permit("repository", 0777);
  if (is_root()) ASSERT_EQ(::chown((dir_ / "repository/open").c_str(), kNobody, kNobody), 0);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space =
        store::open_local_fs_directory(dir_ / "repository", [](const auto&) {}).value();
    const auto before = space->version().value();
    ::chmod((dir_ / "repository/open").c_str(), 0000);
    const auto after = space->version();
    return after.ok() && *after > before && space->list().value().empty();
  }));
}

TEST_F(Permissions, where_it_cannot_be_told_whether_a_key_is_there_it_is_not_written) {
  write_file(dir_ / "repository/closed/app/key", "k");
  permit("repository", 0777);
  permit("repository/closed", 0000);
  EXPECT_TRUE(holds_for_a_stranger([&] {
    const auto space = store::open_local_fs_directory(dir_ / "repository").value();
    return space->put("closed/app/key", {}, Overwrite::no).error().is(kv::Errc::io) &&
           space->put("open/app/key", {}, Overwrite::no).ok();
  }));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_ / "repository"), {}), 2);
}

}  // namespace
}  // namespace trustee
