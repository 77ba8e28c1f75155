#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace trustee::apps {

/// `trustee explain REQUEST-ID`: asks a running server why it refused, as its administrator.
struct ExplainOptions {
  std::string request_id;
  std::string url = "http://127.0.0.1:8080";
  std::optional<std::string> cert_file;
  std::optional<std::string> admin_token_file;  ///< default: the home's
  bool json = false;
};
Result<void> run_explain(const std::string& home_path, const ExplainOptions& options);

}  // namespace trustee::apps
