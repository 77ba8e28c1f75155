#pragma once

#include <string>
#include <vector>

namespace trustee::reload {

/// What the system notices of changes in some directories: of their entries, and of files right in
/// them, by any process of this machine. What other machines do to a network file system it does
/// not see. Source: inotify(7). Safe from many threads.
class StoreNotices {
 public:
  /// Where the system has no notices to give (its limit of instances), nothing is ever pending.
  StoreNotices();
  StoreNotices(const StoreNotices&) = delete;
  StoreNotices& operator=(const StoreNotices&) = delete;
  ~StoreNotices();

  /// Watches these directories from now on; those that are watched already stay so, those that do
  /// not exist are left out. Shape: false when one could not be watched for another reason, such as
  /// the system's limits (fs.inotify).
  bool watch(const std::vector<std::string>& directories);
  /// Whether anything changed since `take`: a change whose call has returned counts. Cost: one
  /// system call, which never waits.
  bool pending() const;
  /// Takes the notices that are pending.
  void take();

 private:
  const int fd_;
};

}  // namespace trustee::reload
