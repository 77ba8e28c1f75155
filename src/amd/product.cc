#include "amd/product.h"

#include <string>

#include "amd/errors.h"
#include "base/check.h"

namespace trustee::amd {

namespace {

constexpr std::uint8_t kFamilyZen3And4 = 0x19;
constexpr std::uint8_t kFamilyZen5 = 0x1A;

}  // namespace

std::string_view to_string(Product p) {
  switch (p) {
    case Product::milan:
      return "Milan";
    case Product::genoa:
      return "Genoa";
    case Product::turin:
      return "Turin";
  }
  check_failed("known Product", __FILE__, __LINE__);
}

Result<Product> product_from_cpuid(std::uint8_t family, std::uint8_t model) {
  if (family != kFamilyZen3And4 && family != kFamilyZen5) {
    return Error(Errc::processor_family_not_supported, "family " + std::to_string(family));
  }
  if (family == kFamilyZen3And4) {
    if (model <= 0x0F) return Product::milan;
    if (model <= 0x1F || (model >= 0xA0 && model <= 0xAF)) return Product::genoa;
  } else if (model <= 0x11) {
    return Product::turin;
  }
  return Error(Errc::processor_model_not_supported,
               "family " + std::to_string(family) + " model " + std::to_string(model));
}

std::size_t hwid_size(Product p) {
  switch (p) {
    case Product::milan:
    case Product::genoa:
      return 64;
    case Product::turin:
      return 8;
  }
  check_failed("known Product", __FILE__, __LINE__);
}

TcbLayout tcb_layout(Product p) {
  switch (p) {
    case Product::milan:
    case Product::genoa:
      return TcbLayout::legacy;
    case Product::turin:
      return TcbLayout::turin;
  }
  check_failed("known Product", __FILE__, __LINE__);
}

Tcb read_tcb(Cursor& c, TcbLayout layout) {
  Tcb t;
  switch (layout) {
    case TcbLayout::legacy:
      t.bootloader = c.u8();
      t.tee = c.u8();
      c.zeros(4);
      t.snp = c.u8();
      t.microcode = c.u8();
      return t;
    case TcbLayout::turin:
      t.fmc = c.u8();
      t.bootloader = c.u8();
      t.tee = c.u8();
      t.snp = c.u8();
      c.zeros(3);
      t.microcode = c.u8();
      return t;
  }
  check_failed("known TcbLayout", __FILE__, __LINE__);
}

ByteArray<8> write_tcb(const Tcb& tcb, TcbLayout layout) {
  switch (layout) {
    case TcbLayout::legacy:
      return {tcb.bootloader, tcb.tee, 0, 0, 0, 0, tcb.snp, tcb.microcode};
    case TcbLayout::turin:
      return {tcb.fmc.value_or(0), tcb.bootloader, tcb.tee, tcb.snp, 0, 0, 0, tcb.microcode};
  }
  check_failed("known TcbLayout", __FILE__, __LINE__);
}

}  // namespace trustee::amd
