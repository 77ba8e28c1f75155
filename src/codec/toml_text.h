#pragma once

#include <cstddef>
#include <string_view>

namespace trustee::codec {

/// The place of the first character beyond ASCII that is neither in a string nor in a comment, or
/// `npos`. TOML 1.0 allows none; toml++ 3.3 has undefined behaviour when it looks whether such a
/// character is white space, also behind a backslash that ends a line of a string.
/// In a text with such characters, a quote where no string can begin is misplaced, too.
std::size_t misplaced_toml_character(std::string_view text);

}  // namespace trustee::codec
