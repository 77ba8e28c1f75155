#pragma once

#include <span>
#include <string>
#include <vector>

#include "kv/store.h"

namespace trustee::store {

// One backup is one file:
//
//     "TRUSTEE-BACKUP\r\n"           16 bytes; the line end shows damage by text-mode transfers
//     version                        u32be, 1
//     number of namespaces           u32be
//       name                         u32be length, bytes
//       number of entries            u32be
//         key                        u32be length, bytes
//         value                      u32be length, bytes
//     SHA-256 of all bytes before    32 bytes
//
// The digest finds damage, not forgery: who can write the file can write another one. The file
// holds the secrets as they are and has mode 0600.

/// Limits of a backup.
inline constexpr std::size_t kMaxBackupBytes = 2UL << 30U;
inline constexpr std::size_t kMaxBackupNamespaces = 1024;
inline constexpr std::size_t kMaxBackupEntries = 16U << 20U;
inline constexpr std::size_t kMaxBackupNameBytes = 64U << 10U;

/// The file for these namespaces. Errors: too_large.
Result<ByteVec> encode_backup(std::span<const kv::Content> contents);
/// Errors: backup_malformed, also for a repeated namespace or key and a version that is not known.
Result<std::vector<kv::Content>> decode_backup(Bytes file);

/// What went through.
struct BackupCount {
  std::string name;
  std::size_t entries;
  friend bool operator==(const BackupCount&, const BackupCount&) = default;
};

/// Writes the content of `names` to `path`, replacing a file of that name as one step. The
/// namespaces are read as Store::read_all says. Errors: as read_all; too_large, io; configuration
/// for a name given twice.
Result<std::vector<BackupCount>> backup(kv::Store& store, std::span<const std::string> names,
                                        const std::string& path);

/// Makes each namespace of the backup hold exactly what it held then, each all or nothing; other
/// namespaces keep what they have. The whole file is checked before the first change.
/// Errors  backup_malformed; invalid_key when the store's kind cannot hold a key; io.
Result<std::vector<BackupCount>> restore(const std::string& path, kv::Store& store);

}  // namespace trustee::store
