#include "crypto/digest.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/internal/algorithms.h"

namespace trustee::crypto {
namespace {

struct HashName {
  std::string_view name;
  Hash hash;
  std::size_t size;
};
constexpr HashName kHashNames[] = {{"sha256", Hash::sha256, 32},
                                   {"sha384", Hash::sha384, 48},
                                   {"sha512", Hash::sha512, 64},
                                   {"sm3", Hash::sm3, 32}};

const HashName& row(Hash h) {
  for (const HashName& n : kHashNames) {
    if (n.hash == h) return n;
  }
  TRUSTEE_CHECK(false);
  return kHashNames[0];
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// One context per hash and thread: starting a used context over costs a third of making one.
EVP_MD_CTX* started(Hash h) {
  thread_local std::array<MdCtxHandle, std::size(kHashNames)> contexts;
  MdCtxHandle& context = contexts[static_cast<std::size_t>(h)];
  if (context == nullptr) context.reset(EVP_MD_CTX_new());
  TRUSTEE_CHECK(context != nullptr);
  TRUSTEE_CHECK(EVP_DigestInit_ex2(context.get(), algorithms().md(h), nullptr) == 1);
  return context.get();
}

template <std::size_t N>
ByteArray<N> fixed(Hash h, Bytes data) {
  const Digest d = digest(h, data);
  TRUSTEE_CHECK(d.size() == N);
  ByteArray<N> out;
  std::ranges::copy(d.bytes(), out.begin());
  return out;
}

}  // namespace

std::string_view to_string(Hash h) { return row(h).name; }
std::size_t digest_size(Hash h) { return row(h).size; }

std::optional<Hash> hash_from_name(std::string_view name) {
  for (const HashName& n : kHashNames) {
    if (n.name == name) return n.hash;
  }
  return std::nullopt;
}

std::optional<Hash> hash_from_name_any_case(std::string_view name) {
  std::string folded(name);
  std::ranges::transform(folded, folded.begin(), lower);
  return hash_from_name(folded);
}

Digest digest(Hash h, std::initializer_list<Bytes> parts) {
  EVP_MD_CTX* const context = started(h);
  for (const Bytes part : parts) {
    TRUSTEE_CHECK(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  }
  Digest out;
  unsigned int size = 0;
  TRUSTEE_CHECK(EVP_DigestFinal_ex(context, out.data_.data(), &size) == 1);
  TRUSTEE_CHECK(size == digest_size(h));
  out.size_ = static_cast<std::uint8_t>(size);
  return out;
}

ByteArray<32> sha256(Bytes data) { return fixed<32>(Hash::sha256, data); }
ByteArray<48> sha384(Bytes data) { return fixed<48>(Hash::sha384, data); }

}  // namespace trustee::crypto
