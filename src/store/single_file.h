#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kv/store.h"

namespace trustee::store {

/// A namespace that can hold one key, whose value is the content of the file `path`; no file, no
/// value. For what older configurations name as a file. Any other key is invalid_key to writers and
/// absent to readers. Written like the files of LocalFs, with their limit, and read at each call.
/// A write makes the directory when there is none. Errors: configuration for an empty path; io.
Result<std::shared_ptr<kv::Namespace>> open_single_file(std::string path, std::string key);

/// The same with the first of `paths` where something lies now, else with the first of all. Errors:
/// as above; io where it cannot be told whether something lies there.
Result<std::shared_ptr<kv::Namespace>> open_first_file(const std::vector<std::string>& paths,
                                                       std::string key);

}  // namespace trustee::store
