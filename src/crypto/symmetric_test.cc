#include "crypto/symmetric.h"

#include "crypto/testdata.h"
#include "tests/support/case.h"

namespace trustee::crypto {
namespace {

SecretBytes secret(std::string_view hex) { return SecretBytes(from_hex(hex)); }
SecretBytes secret(ByteVec bytes) { return SecretBytes(std::move(bytes)); }

TEST(Hmac, gives_the_values_of_rfc_4231) {
  EXPECT_EQ(hmac(Hash::sha256, secret(ByteVec(20, 0x0b)), as_bytes("Hi There")),
            from_hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  EXPECT_EQ(hmac(Hash::sha384, secret("4a656665"), as_bytes("what do ya want for nothing?")),
            from_hex("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                     "8e2240ca5e69e2c78b3239ecfab21649"));
  EXPECT_EQ(hmac(Hash::sha512, secret(ByteVec(131, 0xaa)),
                 as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
            from_hex("80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"));
  // An empty key is a key. Value: python hmac.
  EXPECT_EQ(hmac(Hash::sha256, SecretBytes(), {}),
            from_hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

TEST(Hkdf, gives_the_values_of_rfc_5869) {
  const SecretBytes ikm(ByteVec(22, 0x0b));
  EXPECT_EQ(opened(hkdf(Hash::sha256, ikm, bytes_from(0, 13), as_text(bytes_from(0xf0, 10)), 42)),
            from_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                     "34007208d5b887185865"));
  EXPECT_EQ(opened(hkdf(Hash::sha256, secret(bytes_from(0, 80)), bytes_from(0x60, 80),
                        as_text(bytes_from(0xb0, 80)), 82)),
            from_hex("b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                     "cc30c58179ec3e87c14c01d5c1f3434f1d87"));
  EXPECT_EQ(opened(hkdf(Hash::sha256, ikm, {}, "", 42)),
            from_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                     "9d201395faa4b61a96c8"));
}

TEST(Gcm, gives_the_values_of_the_gcm_specification) {
  const SecretBytes zero_key(ByteVec(32, 0));
  const ByteVec zero_iv(12, 0);
  EXPECT_EQ(aes256_gcm_seal(zero_key, zero_iv, {}, Bytes()).value(),
            from_hex("530f8afbc74536b9a963b4f1c4cb738b"));
  EXPECT_EQ(aes256_gcm_seal(zero_key, zero_iv, {}, ByteVec(16, 0)).value(),
            from_hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
  const SecretBytes key =
      secret("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const ByteVec iv = from_hex("cafebabefacedbaddecaf888");
  const ByteVec aad = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const ByteVec plaintext = from_hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const ByteVec sealed = from_hex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(aes256_gcm_seal(key, iv, aad, plaintext).value(), sealed);
  EXPECT_EQ(aes256_gcm_seal(key, iv, aad, secret_copy(plaintext)).value(), sealed);
  EXPECT_EQ(opened(aes256_gcm_open(key, iv, aad, sealed).value()), plaintext);
}

TEST(Gcm, refuses_every_changed_bit) {
  const SecretBytes key(bytes_from(1, 32));
  const ByteVec iv = bytes_from(7, 12);
  const ByteVec aad = bytes_from(9, 5);
  const ByteVec sealed = aes256_gcm_seal(key, iv, aad, as_bytes("resource")).value();
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    ByteVec changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_TRUE(fails_with(aes256_gcm_open(key, iv, aad, changed), Errc::decryption_failed));
  }
  for (std::size_t bit = 0; bit < aad.size() * 8; ++bit) {
    ByteVec changed = aad;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_TRUE(fails_with(aes256_gcm_open(key, iv, changed, sealed), Errc::decryption_failed));
  }
  for (std::size_t n = 0; n < sealed.size(); ++n) {
    EXPECT_TRUE(
        fails_with(aes256_gcm_open(key, iv, aad, Bytes(sealed).first(n)), Errc::decryption_failed));
  }
}

TEST(Gcm, refuses_keys_and_ivs_of_other_lengths) {
  const SecretBytes key(ByteVec(32, 1));
  const ByteVec iv(12, 0);
  for (const std::size_t n : {0u, 16u, 24u, 31u, 33u}) {
    const SecretBytes other(ByteVec(n, 1));
    EXPECT_TRUE(fails_with(aes256_gcm_seal(other, iv, {}, Bytes()), Errc::key_malformed));
    EXPECT_TRUE(
        fails_with(aes256_gcm_open(other, iv, {}, ByteVec(16, 0)), Errc::decryption_failed));
  }
  for (const std::size_t n : {0u, 11u, 13u, 16u}) {
    const ByteVec other(n, 0);
    EXPECT_TRUE(fails_with(aes256_gcm_seal(key, other, {}, Bytes()), Errc::unsupported));
    EXPECT_TRUE(
        fails_with(aes256_gcm_open(key, other, {}, ByteVec(16, 0)), Errc::decryption_failed));
  }
}

TEST(KeyWrap, gives_the_values_of_rfc_3394) {
  const SecretBytes kek256(bytes_from(0, 32));
  const ByteVec key = from_hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
  const ByteVec wrapped =
      from_hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
  EXPECT_EQ(aes_key_wrap(kek256, secret_copy(key)).value(), wrapped);
  EXPECT_EQ(opened(aes_key_unwrap(kek256, wrapped).value()), key);
  const SecretBytes kek192(bytes_from(0, 24));
  EXPECT_EQ(aes_key_wrap(kek192, secret("00112233445566778899aabbccddeeff")).value(),
            from_hex("96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"));
}

// The counter passes 255 and wraps into its second byte. Expected: Python's cryptography.
TEST(KeyWrap, agrees_with_another_implementation_on_a_long_key) {
  const SecretBytes kek(bytes_from(0, 32));
  ByteVec key = bytes_from(0, 256);
  key.insert(key.end(), key.begin(), key.begin() + 256);
  const ByteVec wrapped = aes_key_wrap(kek, secret_copy(key)).value();
  EXPECT_EQ(to_vec(digest(Hash::sha256, wrapped).bytes()),
            from_hex("d4cce9b039cb81129094760ce1b183c431b138e9b15962cc1ef9a4ce9182dff4"));
  EXPECT_EQ(opened(aes_key_unwrap(kek, wrapped).value()), key);
}

TEST(KeyWrap, refuses_changed_bits_and_wrong_lengths) {
  const SecretBytes kek(bytes_from(0, 32));
  const ByteVec wrapped = aes_key_wrap(kek, secret(ByteVec(32, 11))).value();
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    ByteVec changed = wrapped;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_TRUE(fails_with(aes_key_unwrap(kek, changed), Errc::decryption_failed));
  }
  for (const std::size_t n : {0u, 8u, 16u, 23u, 25u, 39u, 41u}) {
    EXPECT_TRUE(fails_with(aes_key_unwrap(kek, ByteVec(n, 0)), Errc::decryption_failed));
  }
  for (const std::size_t n : {0u, 8u, 15u, 17u}) {
    EXPECT_TRUE(fails_with(aes_key_wrap(kek, secret(ByteVec(n, 0))), Errc::key_malformed));
  }
  EXPECT_TRUE(fails_with(aes_key_wrap(secret(ByteVec(16, 0)), secret(ByteVec(16, 0))),
                         Errc::key_malformed));
  EXPECT_TRUE(fails_with(aes_key_unwrap(secret(ByteVec(31, 0)), wrapped), Errc::key_malformed));
}

TEST(Kmac, gives_the_value_of_nist_sample_4) {
  EXPECT_EQ(
      opened(kmac256(secret(bytes_from(0x40, 32)), "My Tagged Application", bytes_from(0, 4), 64)),
      from_hex("20c570c31346f703c9ac36c61c03cb64c3970d0cfc787e9b79599d273a68d2f7"
               "f69d4cc3de9d104a351689f27cf6f5951f0103f33f4f24871024d9c27773a8dd"));
}

TEST(Jwe, building_blocks_give_the_values_of_the_specification) {
  CASE("KBS-J3");
  constexpr std::string_view kAlgorithm = "ECDH-ES+A256KW";
  const SecretBytes kek = concat_kdf(secret(bytes_from(0, 32)), kAlgorithm, 256);
  EXPECT_EQ(opened(kek),
            from_hex("ead36a3ab953bb6e5a6709471c0fd35fcc62cf920994cede2f3aa2544e9f47ac"));
  EXPECT_EQ(opened(concat_kdf(secret(bytes_from(0, 66)), kAlgorithm, 256)),
            from_hex("3e6609c07a08404eae372dd90baa6ab82e7f1104c848e414079726e64e92f00c"));
  const SecretBytes cek(ByteVec(32, 0x11));
  EXPECT_EQ(aes_key_wrap(kek, cek).value(),
            from_hex("685ae2f6aee3b53b29e11f1dc70a589d1170861018a712547de43873e403fca9"
                     "6226c6e2192b0414"));
  constexpr std::string_view kProtected =
      "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2IjoiUC0yNTYiLCJrdHkiOi"
      "JFQyIsIngiOiJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRRUJBUUVCQVFFIiwieSI6IkFnSUNBZ0lD"
      "QWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0kifX0";
  // base64url: YIveexPLXZw and MnhQATze-TzpKeouVyVPKw
  EXPECT_EQ(
      aes256_gcm_seal(cek, bytes_from(0, 12), as_bytes(kProtected), as_bytes("shhhhhhh")).value(),
      from_hex("608bde7b13cb5d9c"
               "327850013cdef93ce929ea2e57254f2b"));
  // 32-bit length of the algorithm name, the name, 192.
  ByteVec message = ByteVec(4, 0);
  for (const std::uint8_t c : as_bytes("ML-KEM-768+A192KW")) message.push_back(c);
  message[3] = static_cast<std::uint8_t>(message.size() - 4);
  for (const std::uint8_t c : from_hex("000000c0")) message.push_back(c);
  EXPECT_EQ(opened(kmac256(secret(bytes_from(0, 32)), "", message, 24)),
            from_hex("3ca895ec8c52f6c90562f607de97f1dd01e5cb9da6c23525"));
}

}  // namespace
}  // namespace trustee::crypto
