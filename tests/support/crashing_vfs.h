#pragma once

#include <sqlite3.h>

#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace trustee {

/// A VFS for SQLite that calls a hook before (or in the middle of) each write, sync, truncation and
/// removal and hands everything else to the system's VFS. There is one per process.
class CrashingVfs {
 public:
  enum class Kill : bool { before_write, inside_write };
  using Hook = std::function<void(std::string_view step)>;

  /// Registers it (again) with this hook. Returns its name.
  static std::string install(Hook hook, Kill kill) {
    state().hook = std::move(hook);
    state().kill = kill;
    static sqlite3_vfs vfs = make_vfs();
    sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
  }

 private:
  struct State {
    Hook hook;
    Kill kill = Kill::before_write;
    sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
    sqlite3_io_methods methods{};
  };
  struct File {
    sqlite3_file base;
    sqlite3_file* real;
  };

  static State& state() {
    static State s;
    return s;
  }
  static sqlite3_file* real(sqlite3_file* f) { return reinterpret_cast<File*>(f)->real; }
  static void step(std::string_view name) {
    if (state().hook) state().hook(name);
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    auto* file = new (f) File{};
    file->real = reinterpret_cast<sqlite3_file*>(file + 1);
    const int r = state().real->xOpen(state().real, name, file->real, flags, out_flags);
    if (file->real->pMethods != nullptr) file->base.pMethods = &state().methods;
    return r;
  }
  static int remove(sqlite3_vfs*, const char* name, int sync) {
    step("unlink");
    return state().real->xDelete(state().real, name, sync);
  }
  static int access(sqlite3_vfs*, const char* name, int flags, int* out) {
    return state().real->xAccess(state().real, name, flags, out);
  }
  static int full_path(sqlite3_vfs*, const char* name, int n, char* out) {
    return state().real->xFullPathname(state().real, name, n, out);
  }

  static int close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
  static int read(sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
    return real(f)->pMethods->xRead(real(f), p, n, at);
  }
  static int write(sqlite3_file* f, const void* p, int n, sqlite3_int64 at) {
    if (state().kill == Kill::inside_write && n > 1) {
      (void)real(f)->pMethods->xWrite(real(f), p, n / 2, at);
    }
    step("write");
    return real(f)->pMethods->xWrite(real(f), p, n, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 n) {
    step("truncate");
    return real(f)->pMethods->xTruncate(real(f), n);
  }
  static int sync(sqlite3_file* f, int flags) {
    step("sync");
    return real(f)->pMethods->xSync(real(f), flags);
  }
  static int size(sqlite3_file* f, sqlite3_int64* n) {
    return real(f)->pMethods->xFileSize(real(f), n);
  }
  static int lock(sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); }
  static int unlock(sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); }
  static int reserved(sqlite3_file* f, int* out) {
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
  }
  static int control(sqlite3_file* f, int op, void* arg) {
    return real(f)->pMethods->xFileControl(real(f), op, arg);
  }
  static int sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
  static int device(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
  static int shm_map(sqlite3_file* f, int page, int n, int extend, void volatile** out) {
    return real(f)->pMethods->xShmMap(real(f), page, n, extend, out);
  }
  static int shm_lock(sqlite3_file* f, int at, int n, int flags) {
    return real(f)->pMethods->xShmLock(real(f), at, n, flags);
  }
  static void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
  static int shm_unmap(sqlite3_file* f, int remove_it) {
    return real(f)->pMethods->xShmUnmap(real(f), remove_it);
  }

  static sqlite3_io_methods make_methods() {
    sqlite3_io_methods m{};
    m.iVersion = 2;
    m.xClose = close;
    m.xRead = read;
    m.xWrite = write;
    m.xTruncate = truncate;
    m.xSync = sync;
    m.xFileSize = size;
    m.xLock = lock;
    m.xUnlock = unlock;
    m.xCheckReservedLock = reserved;
    m.xFileControl = control;
    m.xSectorSize = sector;
    m.xDeviceCharacteristics = device;
    m.xShmMap = shm_map;
    m.xShmLock = shm_lock;
    m.xShmBarrier = shm_barrier;
    m.xShmUnmap = shm_unmap;
    return m;
  }

  static sqlite3_vfs make_vfs() {
    state().methods = make_methods();
    sqlite3_vfs v = *state().real;
    v.pNext = nullptr;
    v.zName = "crashing";
    v.szOsFile = static_cast<int>(sizeof(File)) + state().real->szOsFile;
    v.xOpen = open;
    v.xDelete = remove;
    v.xAccess = access;
    v.xFullPathname = full_path;
    return v;
  }
};

}  // namespace trustee
