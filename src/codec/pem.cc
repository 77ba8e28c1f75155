#include "codec/pem.h"

#include <algorithm>

#include "base/try.h"
#include "codec/base64.h"
#include "codec/errors.h"

namespace trustee::codec {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kLine = 64;

Error malformed(const char* what) { return Error(Errc::pem_malformed, what); }

void skip_space(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
}

/// The next line without its end, which is LF or CRLF or the end of the text.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.front() == ' ' || label.back() == ' ') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7E && c != '-'; });
}

/// The label of a whole marker line, or nothing.
std::string_view label_of(std::string_view line, std::string_view prefix) {
  if (line.size() < prefix.size() + kDashes.size()) return {};
  if (!line.starts_with(prefix) || !line.ends_with(kDashes)) return {};
  line.remove_prefix(prefix.size());
  line.remove_suffix(kDashes.size());
  return is_label(line) ? line : std::string_view();
}

Result<PemBlock> take_block(std::string_view& text) {
  const std::string_view label = label_of(take_line(text), kBegin);
  if (label.empty()) return malformed("no BEGIN marker");
  std::string body;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.starts_with(kDashes)) {
      line = line.substr(0, line.find_last_not_of(kSpace) + 1);
      if (label_of(line, kEnd) != label) return malformed("the END marker does not fit");
      auto der = base64_decode(body);
      if (!der.ok() || der->empty()) return malformed("the body is not base64");
      return PemBlock{std::string(label), *std::move(der)};
    }
    if (line.empty()) return malformed("an empty line inside a block");
    body += line;
  }
  return malformed("no END marker");
}

}  // namespace

Result<std::vector<PemBlock>> pem_read(std::string_view text, PemLimits limits) {
  if (text.size() > limits.bytes) return malformed("the text is too long");
  std::vector<PemBlock> blocks;
  skip_space(text);
  while (!text.empty()) {
    if (blocks.size() == limits.blocks) return malformed("too many blocks");
    TRY(PemBlock block, take_block(text));
    blocks.push_back(std::move(block));
    skip_space(text);
  }
  if (blocks.empty()) return malformed("no block");
  return blocks;
}

Result<ByteVec> pem_read_single(std::string_view text, std::string_view label, PemLimits limits) {
  TRY(auto blocks, pem_read(text, limits));
  if (blocks.size() != 1) return malformed("more than one block");
  if (blocks.front().label != label) return malformed("a block with another label");
  return std::move(blocks.front().der);
}

std::string pem_write(std::string_view label, Bytes der) {
  const std::string body = base64_encode(der);
  std::string out = std::string(kBegin) + std::string(label) + std::string(kDashes) + "\n";
  for (std::size_t i = 0; i < body.size(); i += kLine) {
    out += body.substr(i, kLine) + "\n";
  }
  return out + std::string(kEnd) + std::string(label) + std::string(kDashes) + "\n";
}

}  // namespace trustee::codec
