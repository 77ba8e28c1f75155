#include "crypto/digest.h"

#include <thread>

#include "crypto/random.h"
#include "crypto/testdata.h"

namespace trustee::crypto {
namespace {

Digest of(Hash h, std::string_view text) { return digest(h, as_bytes(text)); }

TEST(Digest, gives_the_values_of_fips_180_and_gb_t_32905) {
  EXPECT_EQ(to_vec(of(Hash::sha256, "abc").bytes()),
            from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(to_vec(of(Hash::sha384, "abc").bytes()),
            from_hex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                     "8086072ba1e7cc2358baeca134c825a7"));
  EXPECT_EQ(to_vec(of(Hash::sha512, "abc").bytes()),
            from_hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
  EXPECT_EQ(to_vec(of(Hash::sm3, "abc").bytes()),
            from_hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
  EXPECT_EQ(to_vec(of(Hash::sha256, "").bytes()),
            from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

TEST(Digest, of_parts_is_that_of_their_concatenation) {
  const Digest whole = of(Hash::sha384, "evidence");
  EXPECT_EQ(digest(Hash::sha384, {as_bytes("evi"), as_bytes(""), as_bytes("dence")}), whole);
  EXPECT_NE(digest(Hash::sha384, {as_bytes("evi"), as_bytes("denc")}), whole);
}

TEST(Digest, has_the_size_and_name_of_its_hash) {
  for (const Hash h : {Hash::sha256, Hash::sha384, Hash::sha512, Hash::sm3}) {
    EXPECT_EQ(of(h, "x").size(), digest_size(h));
    EXPECT_EQ(hash_from_name(to_string(h)), h);
  }
  EXPECT_EQ(sha256(as_bytes("abc")).size(), 32u);
  EXPECT_EQ(to_vec(Bytes(sha384(as_bytes("abc")))), to_vec(of(Hash::sha384, "abc").bytes()));
  EXPECT_EQ(to_vec(Bytes(sha256(as_bytes("abc")))), to_vec(of(Hash::sha256, "abc").bytes()));
}

TEST(Digest, names_are_lower_case_unless_asked_otherwise) {
  EXPECT_EQ(hash_from_name("SHA384"), std::nullopt);
  EXPECT_EQ(hash_from_name_any_case("SHA384"), Hash::sha384);
  EXPECT_EQ(hash_from_name_any_case("Sm3"), Hash::sm3);
  EXPECT_EQ(hash_from_name_any_case("sha-384"), std::nullopt);
  EXPECT_EQ(hash_from_name(""), std::nullopt);
}

TEST(Digest, is_the_same_on_every_thread) {
  const Digest expected = of(Hash::sha256, "abc");
  std::vector<std::thread> threads;
  std::atomic<int> equal_count = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        if (of(Hash::sha256, "abc") == expected) ++equal_count;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(equal_count, 400);
}

TEST(Random, fills_what_it_is_given_and_never_twice_the_same) {
  EXPECT_EQ(random_vec(0).size(), 0u);
  EXPECT_EQ(random_vec(33).size(), 33u);
  EXPECT_NE(random_vec(32), random_vec(32));
  EXPECT_FALSE(equal_ct(random_secret(32), random_secret(32)));
}

}  // namespace
}  // namespace trustee::crypto
