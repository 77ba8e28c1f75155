#pragma once

#include <memory>
#include <string>

#include "kv/store.h"

namespace trustee::store {

/// A namespace that can hold one key, whose value is the content of the file `path`; no file, no
/// value. For what older configurations name as a file. Any other key is invalid_key to writers and
/// absent to readers. Written like the files of LocalFs, and read at each call.
/// The directory is made when there is none. Errors: configuration for an empty path; io.
Result<std::shared_ptr<kv::Namespace>> open_single_file(std::string path, std::string key);

}  // namespace trustee::store
