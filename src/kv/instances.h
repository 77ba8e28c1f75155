#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/try.h"
#include "kv/store.h"

namespace trustee::kv {

/// The open namespaces of one store: checks the name, opens each once, hands the same object out
/// again. A failed open is not remembered. Safe from many threads; opens one at a time.
template <class Opened>
class Instances {
 public:
  using Opener = std::function<Result<std::shared_ptr<Opened>>(const std::string& name)>;

  /// Errors: invalid_namespace, and what `opener` returns.
  Result<std::shared_ptr<Opened>> get(std::string_view name, const Opener& opener) {
    TRY_VOID(check_namespace(name));
    MutexLock lock(mutex_);
    const auto found = open_.find(name);
    if (found != open_.end()) return found->second;
    TRY(auto opened, opener(std::string(name)));
    open_.emplace(std::string(name), opened);
    return opened;
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Opened>, std::less<>> open_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::kv
