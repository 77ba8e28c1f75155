#pragma once

#include <mutex>

// Clang's thread-safety attributes; other compilers see nothing.
#if defined(__clang__)
#define TRUSTEE_TSA(x) __attribute__((x))
#else
#define TRUSTEE_TSA(x)
#endif
#define TRUSTEE_GUARDED_BY(m) TRUSTEE_TSA(guarded_by(m))
#define TRUSTEE_REQUIRES(m) TRUSTEE_TSA(requires_capability(m))

namespace trustee {

/// std::mutex with annotations, so that unguarded access does not compile under clang.
class TRUSTEE_TSA(capability("mutex")) Mutex {
 public:
  void lock() TRUSTEE_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() TRUSTEE_TSA(release_capability()) { mutex_.unlock(); }
  /// For std::condition_variable; the caller holds the lock.
  std::mutex& native() { return mutex_; }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope. Never across a co_await.
class TRUSTEE_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& m) TRUSTEE_TSA(acquire_capability(m)) : mutex_(m) { mutex_.lock(); }
  ~MutexLock() TRUSTEE_TSA(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace trustee
