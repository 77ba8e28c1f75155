#pragma once

#include <span>
#include <string>
#include <vector>

#include "kv/store.h"
#include "store/atomic_file.h"

namespace trustee::store {

/// A change of several files of one directory that happens whole or not at all.
///
/// The new contents are written beside the old ones and synced; then one journal file that lists
/// the renames and removals appears by an atomic rename. That is the moment of the change: whoever
/// finds a journal carries it out before doing anything else, and carrying it out twice is the same
/// as once.
struct Batch {
  struct Move {
    std::string from;
    std::string to;
    friend bool operator==(const Move&, const Move&) = default;
  };
  std::vector<Move> moves;
  std::vector<std::string> removals;
  friend bool operator==(const Batch&, const Batch&) = default;
};

/// Limits of a journal.
inline constexpr std::size_t kMaxJournal = 256U << 20U;

/// Limits: names of at most 255 bytes.
ByteVec encode_batch(const Batch& batch);
/// Errors: malformed, also for a name that is no plain file name.
Result<Batch> decode_batch(Bytes journal);

/// True when a change is under way, or was when its process died.
Result<bool> batch_pending(const LockedDirectory& dir);
/// Writes each file and removes each of `removals`. Needs the exclusive lock and no pending batch.
/// Errors: too_large for a journal beyond `limit`; not_writable; io. When the journal stood
/// already, the change is carried out by the next to look; else nothing of it stays.
Result<void> apply_batch(LockedDirectory& dir, std::span<const kv::Entry> files,
                         std::vector<std::string> removals, std::size_t limit = kMaxJournal);
/// Carries out the pending batch. Needs the exclusive lock. Errors: io, also where nothing may be
/// written: the change is made and waits; malformed.
Result<void> finish_batch(LockedDirectory& dir);

/// The path of the journal in directory `path`, for a look without the lock.
std::string journal_path(const std::string& path);

}  // namespace trustee::store
