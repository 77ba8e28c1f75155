#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "client/guest.h"
#include "codec/printable.h"

namespace {

using trustee::client::HttpAnswer;

// The input is one answer per line: a digit for the status, then the body. Odd answers set a
// cookie.
class LineTransport final : public trustee::client::Transport {
 public:
  explicit LineTransport(std::string_view text) : text_(text) {}
  trustee::Result<HttpAnswer> exchange(const trustee::client::HttpRequest&) override {
    constexpr int kStatus[] = {200, 401, 404, 500, 302};
    const std::string_view line = text_.substr(0, text_.find('\n'));
    text_.remove_prefix(std::min(line.size() + 1, text_.size()));
    HttpAnswer out;
    out.status = line.empty() ? 200 : kStatus[static_cast<unsigned char>(line[0]) % 5];
    if (!line.empty()) out.body = std::string(line.substr(1));
    if (++count_ % 2 == 1) out.set_cookies = {"kbs-session-id=cookie"};
    return out;
  }

 private:
  std::string_view text_;
  int count_ = 0;
};

class NoEvidence final : public trustee::client::EvidenceSource {
 public:
  trustee::rcar::Tee primary() const override { return trustee::rcar::Tee::sample; }
  trustee::Result<trustee::json::Value> evidence(trustee::Bytes) override {
    return trustee::json::Value("evidence");
  }
  trustee::Result<std::string> additional(trustee::Bytes) override { return std::string(); }
};

const trustee::SecretText& pem() {
  static const auto key =
      std::move(trustee::crypto::PrivateKey::generate_ec(trustee::crypto::Curve::p256)).value();
  static const trustee::SecretText text = key.to_pem();
  return text;
}

bool is_printable(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == '\x7f'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = trustee::as_text({data, size});
  LineTransport transport(text);
  NoEvidence evidence;
  auto key = std::move(trustee::client::TeeKey::from_pem(pem())).value();
  trustee::client::Guest guest(transport, evidence, std::move(key), std::nullopt);
  const auto resource = guest.get_resource("a/b/c");
  TRUSTEE_CHECK(resource.ok() || is_printable(resource.error().detail()));
  TRUSTEE_CHECK(is_printable(trustee::codec::printable_lines(text)));
  TRUSTEE_CHECK(is_printable(trustee::codec::debug_quoted(text)));
  (void)trustee::client::check_token_text(text);
  return 0;
}
