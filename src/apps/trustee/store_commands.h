#pragma once

#include <string>

#include "base/result.h"

namespace trustee::apps {

/// `trustee backup FILE`: everything in the home's store, in one file of mode 0600. A home without
/// a store is refused, and a file that is there and no regular one.
Result<void> run_backup(const std::string& home_path, const std::string& file);
/// `trustee restore FILE`: makes the store hold what the backup holds. The server must not run.
Result<void> run_restore(const std::string& home_path, const std::string& file);

}  // namespace trustee::apps
