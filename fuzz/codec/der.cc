// Walks whatever DER there is with every read; no slice leaves the input.
#include <cstdlib>

#include "codec/der.h"

namespace {

using trustee::Bytes;
using trustee::der::Reader;

void walk(Bytes in, int depth) {
  Reader reader(in);
  while (!reader.at_end()) {
    Reader probe = reader;
    (void)probe.boolean();
    (void)probe.u8();
    (void)probe.u64();
    (void)probe.unsigned_integer();
    (void)probe.bit_string();
    (void)probe.null();
    (void)probe.oid();
    (void)probe.ia5_string();
    (void)probe.utf8_string();
    (void)probe.optional_constructed(trustee::der::context_constructed(0));
    const auto element = reader.any();
    if (!element.ok()) return;
    if (element->whole.size() < element->content.size() + 2) std::abort();
    if (element->content.data() + element->content.size() > in.data() + in.size()) std::abort();
    if ((element->tag & 0x20U) != 0 && depth > 0) walk(element->content, depth - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walk({data, size}, 16);
  return 0;
}
