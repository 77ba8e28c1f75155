// Takes fields `set-cookie`, one per line: what is sent back is bounded and fit for a header.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "client/cookies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using trustee::client::Cookies;
  constexpr std::size_t kMost = (Cookies::kMaxOthers + 1) * (Cookies::kMaxCookie + 3);
  std::istringstream lines{std::string(trustee::as_text({data, size}))};
  std::vector<std::string> fields;
  for (std::string line; std::getline(lines, line);) {
    fields.push_back(line);
  }
  Cookies cookies;
  cookies.take(fields);
  const std::string sent = cookies.field();
  TRUSTEE_CHECK(sent.size() <= kMost);
  TRUSTEE_CHECK(std::ranges::all_of(sent, [](char c) { return c >= ' ' && c <= '~'; }));
  cookies.forget(Cookies::kSession);
  TRUSTEE_CHECK(!cookies.has(Cookies::kSession));
  return 0;
}
