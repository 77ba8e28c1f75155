// Parses a compact token and tries to verify it with its own key and with a fixed one.
#include "base/check.h"
#include "jose/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  (void)jose::unverified_validity(text);
  const auto token = jose::UnverifiedToken::parse(text);
  if (!token.ok()) return 0;
  const Time now = from_unix_seconds(1'300'819'380);
  static const jose::Jwk key = [] {
    const auto value = json::parse(
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
    return jose::parse_jwk(value.value()).value();
  }();
  (void)token->verify(key, now);
  if (!token->header().jwk.has_value()) return 0;
  const auto claims = token->verify(*token->header().jwk, now);
  if (claims.ok()) TRUSTEE_CHECK(claims->object().contains("exp"));
  return 0;
}
