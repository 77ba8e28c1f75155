#include "tpm/quote.h"

#include "base/cursor.h"
#include "base/try.h"
#include "tpm/algorithm.h"
#include "tpm/errors.h"

namespace trustee::tpm {

namespace {

constexpr std::uint32_t kGeneratedValue = 0xFF544347;  // "\xFFTCG"
constexpr std::uint16_t kAttestQuote = 0x8018;

Result<void> read_selections(Cursor& c, std::vector<PcrSelection>& selections) {
  TRY(const std::size_t count, c.length_u32be(kMaxSelections));
  for (std::size_t i = 0; i < count; ++i) {
    PcrSelection selection;
    selection.hash = c.u16be();
    TRY(const std::size_t size, c.length_u8(kMaxSelectMask));
    selection.mask = c.take(size);
    selections.push_back(selection);
  }
  return {};
}

/// Everything behind magic number and type.
Result<void> read_body(Cursor& c, Quote& quote) {
  TRY(quote.qualified_signer, read_sized(c, kMaxName));
  TRY(quote.extra_data, read_sized(c, kMaxExtraData));
  quote.clock = c.u64be();
  quote.reset_count = c.u32be();
  quote.restart_count = c.u32be();
  TRY(const std::size_t safe, c.length_u8(1));
  quote.safe = safe == 1;
  quote.firmware_version = c.u64be();
  TRY_VOID(read_selections(c, quote.selections));
  TRY(quote.pcr_digest, read_sized(c, kMaxQuotedDigest));
  return c.finish();
}

}  // namespace

Result<Quote> parse_quote(Bytes in) {
  if (in.size() > kMaxAttest) return Error(Errc::attest_malformed, "too long");
  Cursor c(in);
  Quote quote;
  quote.bytes = in;
  const std::uint32_t magic = c.u32be();
  const std::uint16_t type = c.u16be();
  if (auto read = c.status(); !read.ok()) {
    return Error(Errc::attest_malformed, read.error().to_string());
  }
  if (magic != kGeneratedValue) return Errc::not_made_by_tpm;
  if (type != kAttestQuote) return Errc::not_a_quote;
  if (auto read = read_body(c, quote); !read.ok()) {
    return Error(Errc::attest_malformed, read.error().to_string());
  }
  return quote;
}

}  // namespace trustee::tpm
