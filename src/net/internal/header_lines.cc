#include "net/internal/header_lines.h"

#include <curl/curl.h>

#include <cstring>
#include <string>

#include "base/secret.h"
#include "base/try.h"
#include "net/errors.h"

namespace trustee::net {
namespace {

Result<void> append(HeaderLines& lines, std::string line) {
  curl_slist* const longer = curl_slist_append(lines.get(), line.c_str());
  wipe(line.data(), line.size());
  if (longer == nullptr) return Error(Errc::transfer_failed, "no memory for a header field");
  (void)lines.release();  // it is the front of the longer one
  lines.reset(longer);
  return {};
}

/// Reserved whole, so that no shorter copy of a secret is left behind.
std::string line_of(const Header& h) {
  std::string line;
  line.reserve(h.name.size() + h.value.size() + 2);
  line += h.name;
  line += h.value.empty() ? ";" : ": ";
  line += h.value;
  return line;
}

}  // namespace

void wipe_lines(curl_slist* list) {
  for (; list != nullptr; list = list->next) {
    wipe(list->data, std::strlen(list->data));
  }
}

void HeaderLinesFree::operator()(curl_slist* list) const {
  wipe_lines(list);
  curl_slist_free_all(list);
}

Result<HeaderLines> header_lines(const Headers& headers) {
  HeaderLines lines;
  for (const auto& h : headers) {
    if (!is_sendable_header(h.name, h.value)) return Error(Errc::header_invalid, h.name);
    if (equal_ignoring_case(h.name, "content-length")) continue;
    TRY_VOID(append(lines, line_of(h)));
  }
  for (const char* name : {"content-type", "expect"}) {
    if (headers.find(name) == nullptr) TRY_VOID(append(lines, std::string(name) + ':'));
  }
  return lines;
}

}  // namespace trustee::net
