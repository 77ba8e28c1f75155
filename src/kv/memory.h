#pragma once

#include <memory>

#include "kv/store.h"

namespace trustee::kv {

/// A store in memory: any key is accepted, everything is lost on exit. It lives beside the port so
/// that the layers below `store` have one for their tests.
std::shared_ptr<Store> create_memory_store();

}  // namespace trustee::kv
