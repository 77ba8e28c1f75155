#include "crypto/internal/pem.h"

#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/ossl.h"
#include "crypto/internal/secret_access.h"

namespace trustee::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLineBytes = 48;  // 64 characters

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

void skip_space(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

void skip_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
}

/// The body without white space. Errors: `code` for any character outside the alphabet, and for
/// padding that is misplaced or missing.
Result<SecretText> compact(std::string_view body, Errc code) {
  std::string out;
  out.reserve(body.size());
  std::size_t padding = 0;
  bool clean = true;
  for (const char c : body) {
    if (is_space(c)) continue;
    if (c == '=') {
      ++padding;
    } else {
      clean = clean && padding == 0 && is_base64(c);
    }
    out.push_back(c);
  }
  clean = clean && padding <= 2 && out.size() % 4 == 0 && !out.empty();
  SecretText text(std::move(out));
  if (!clean) return Error(code, "PEM content is not base64");
  return text;
}

}  // namespace

bool is_blank(std::string_view text) {
  skip_space(text);
  return text.empty();
}

Result<PemBlock> take_pem_block(std::string_view& text, Errc code) {
  skip_space(text);
  if (!text.starts_with(kBegin)) return Error(code, "text does not start with a PEM marker");
  std::string_view rest = text.substr(kBegin.size());
  const std::size_t label_size = rest.find(kDashes);
  if (label_size == std::string_view::npos) return Error(code, "PEM marker has no end");
  PemBlock block;
  block.label = rest.substr(0, label_size);
  if (block.label.find('\n') != std::string_view::npos) return Error(code, "PEM marker is broken");
  rest.remove_prefix(label_size + kDashes.size());
  const std::size_t body_size = rest.find(kEnd);
  if (body_size == std::string_view::npos) return Error(code, "PEM block has no end");
  block.body = rest.substr(0, body_size);
  rest.remove_prefix(body_size + kEnd.size());
  if (!rest.starts_with(block.label)) return Error(code, "PEM block ends with another label");
  rest.remove_prefix(block.label.size());
  if (!rest.starts_with(kDashes)) return Error(code, "PEM block ends with another label");
  text = rest.substr(kDashes.size());
  return block;
}

Result<std::optional<PemBlock>> find_pem_block(std::string_view& text, Errc code) {
  for (skip_space(text); !text.empty(); skip_space(text)) {
    if (text.starts_with(kBegin)) {
      TRY(PemBlock block, take_pem_block(text, code));
      return std::optional(block);
    }
    skip_line(text);
  }
  return std::optional<PemBlock>();
}

Result<SecretBytes> pem_secret_content(const PemBlock& block, std::size_t max, Errc code) {
  if (block.body.size() > 2 * max + 64) return Error(code, "PEM block is too long");
  TRY(const SecretText text, compact(block.body, code));
  const std::string& chars = SecretAccessForCrypto::text(text);
  ByteVec out(chars.size() / 4 * 3);
  const int n = EVP_DecodeBlock(out.data(), as_bytes(chars).data(), static_cast<int>(chars.size()));
  std::size_t padding = 0;
  if (chars.ends_with("==")) {
    padding = 2;
  } else if (chars.ends_with('=')) {
    padding = 1;
  }
  const bool decoded = n > 0 && static_cast<std::size_t>(n) == out.size();
  out.resize(out.size() - padding);
  SecretBytes content(std::move(out));
  if (!decoded) return library_error(code);
  if (content.size() > max) return Error(code, "PEM block is too long");
  return content;
}

Result<ByteVec> pem_content(const PemBlock& block, std::size_t max, Errc code) {
  TRY(const SecretBytes content, pem_secret_content(block, max, code));
  return ByteVec(SecretAccessForCrypto::bytes(content));
}

SecretText pem_secret_text(std::string_view label, const SecretBytes& content) {
  Bytes rest = SecretAccessForCrypto::bytes(content);
  std::string out;
  // Reserved whole: a string that grows would leave copies of the key behind.
  out.reserve(rest.size() / kLineBytes * 65 + 66 + 2 * label.size() + 64);
  out.append(kBegin).append(label).append(kDashes).append("\n");
  while (!rest.empty()) {
    const Bytes line = rest.first(std::min(kLineBytes, rest.size()));
    std::array<std::uint8_t, 65> chars{};
    const int n = EVP_EncodeBlock(chars.data(), line.data(), static_cast<int>(line.size()));
    TRUSTEE_CHECK(n > 0);
    out.append(as_text(Bytes(chars).first(static_cast<std::size_t>(n)))).append("\n");
    wipe(chars.data(), chars.size());
    rest = rest.subspan(line.size());
  }
  out.append(kEnd).append(label).append(kDashes).append("\n");
  return SecretText(std::move(out));
}

std::string pem_text(std::string_view label, Bytes content) {
  return SecretAccessForCrypto::text(pem_secret_text(label, secret_copy(content)));
}

}  // namespace trustee::crypto
