#pragma once

#include <string>
#include <string_view>

namespace trustee::json {

/// The same tokens without white space between them; `text` is JSON. For signed texts that came
/// through a tool which laid them out anew.
std::string compacted(std::string_view text);

}  // namespace trustee::json
