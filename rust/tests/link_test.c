/* Proves that the header is C, that the library links into a C program, alone and beside OpenSSL,
 * and that each function answers. Compiled with WITH_OPENSSL, ECDSA is checked against it. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <trustee_rust.h>
#include <unistd.h>

static int failures;

#define EXPECT(condition)                                              \
  do {                                                                 \
    if (!(condition)) {                                                \
      ++failures;                                                      \
      printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                  \
  } while (0)

static trustee_slice text(const char* s) {
  trustee_slice slice = {(const uint8_t*)s, strlen(s)};
  return slice;
}

static int is(trustee_slice slice, const char* s) {
  return slice.len == strlen(s) && memcmp(slice.ptr, s, slice.len) == 0;
}

static trustee_rego_policy* compile(const char* policy) {
  const trustee_rego_rule rule = {text("data.policy.allow"), 1};
  trustee_rego_policy* out = NULL;
  trustee_error error;
  EXPECT(trustee_rego_compile(text(policy), &rule, 1, NULL, 0, TRUSTEE_REGO_REFERENCE_VALUES, &out,
                              &error) == TRUSTEE_OK);
  trustee_error_free(&error);
  return out;
}

static void test_rego(void) {
  trustee_rego_policy* policy =
      compile("package policy\nallow := [input.x, query_reference_value(\"a\")]");
  EXPECT(trustee_rego_policy_has_rule(policy, 0) == 1);
  EXPECT(trustee_rego_policy_has_rule(policy, 1) == 0);
  EXPECT(trustee_rego_policy_reference_count(policy) == 1);
  EXPECT(is(trustee_rego_policy_reference_name(policy, 0), "a"));
  EXPECT(trustee_rego_policy_reference_name(policy, 1).len == 0);

  const trustee_named_json items[] = {{text("a"), text("[1, 2]")}, {text("b"), text("3")}};
  trustee_refs* refs = NULL;
  EXPECT(trustee_refs_new(items, 2, &refs, NULL) == TRUSTEE_OK);
  trustee_refs* fewer = NULL;
  EXPECT(trustee_refs_without(refs, &items[0].name, 1, &fewer, NULL) == TRUSTEE_OK);
  EXPECT(trustee_refs_count(refs) == 2 && trustee_refs_count(fewer) == 1);
  int found = -1;
  trustee_buffer json;
  EXPECT(trustee_refs_get(refs, text("a"), &found, &json) == TRUSTEE_OK && found == 1);
  trustee_slice view = {json.ptr, json.len};
  EXPECT(is(view, "[1,2]"));
  trustee_buffer_free(&json);
  EXPECT(json.ptr == NULL);

  trustee_rego_request request = {
      .input = text("{\"x\":true}"), .refs = refs, .rule = 0, .time_limit_ms = 20000};
  trustee_rego_result* result = NULL;
  EXPECT(trustee_rego_evaluate(policy, &request, &result, NULL) == TRUSTEE_OK);
  EXPECT(trustee_rego_result_rule(result, 0, &view) == TRUSTEE_REGO_VALUE);
  EXPECT(is(view, "[true,[1,2]]"));
  EXPECT(trustee_rego_result_rule(result, 1, &view) == TRUSTEE_REGO_NOT_EVALUATED);
  EXPECT(trustee_rego_result_query_count(result) == 1);
  EXPECT(is(trustee_rego_result_query(result, 0, &found), "a") && found == 1);
  trustee_rego_result_free(result);

  trustee_rego_input* input = NULL;
  EXPECT(trustee_rego_input_new(text("{\"x\":1}"), &input, NULL) == TRUSTEE_OK);
  request.prepared_input = input;
  EXPECT(trustee_rego_evaluate(policy, &request, &result, NULL) == TRUSTEE_OK);
  EXPECT(trustee_rego_result_rule(result, 0, &view) == TRUSTEE_REGO_VALUE);
  EXPECT(is(view, "[1,[1,2]]"));
  trustee_rego_result_free(result);
  trustee_rego_input_free(input);
  trustee_rego_input_free(NULL);
  EXPECT(trustee_rego_input_new(text("{"), &input, NULL) == TRUSTEE_JSON_INVALID && input == NULL);
  request.prepared_input = NULL;

  request.refs = fewer;
  request.unknown_references = TRUSTEE_REGO_UNKNOWN_IS_NEEDED;
  trustee_error error;
  EXPECT(trustee_rego_evaluate(policy, &request, &result, &error) == TRUSTEE_REGO_NEEDS);
  EXPECT(is(trustee_rego_result_query(result, 0, &found), "a") && found == 0);
  trustee_error_free(&error);
  trustee_rego_result_free(result);

  request.time_limit_ms = 0;
  EXPECT(trustee_rego_evaluate(policy, &request, &result, &error) == TRUSTEE_INVALID_ARGUMENT);
  EXPECT(result == NULL && error.status == TRUSTEE_INVALID_ARGUMENT && error.message.len > 0);
  trustee_error_free(&error);
  EXPECT(trustee_rego_evaluate(NULL, &request, &result, NULL) == TRUSTEE_INVALID_ARGUMENT);
  EXPECT(trustee_rego_evaluate(policy, &request, NULL, NULL) == TRUSTEE_INVALID_ARGUMENT);

  trustee_refs_free(refs);
  trustee_refs_free(fewer);
  trustee_rego_policy_free(policy);
  trustee_rego_policy_free(NULL);
}

static void test_refusal(void) {
  const trustee_rego_rule rule = {text("data.policy.allow"), 1};
  trustee_rego_policy* out = (trustee_rego_policy*)&failures; /* must be overwritten */
  trustee_error error;
  EXPECT(trustee_rego_compile(text("package policy\nallow if nope(1)"), &rule, 1, NULL, 0, 0, &out,
                              &error) == TRUSTEE_REGO_UNKNOWN_FUNCTION);
  EXPECT(out == NULL && error.line == 2 && error.column == 10 && error.message.len > 0);
  trustee_error_free(&error);
  EXPECT(error.message.ptr == NULL);
  EXPECT(trustee_rego_compile(text("x"), &rule, 1, NULL, 0, 4, &out, NULL) ==
         TRUSTEE_INVALID_ARGUMENT);
}

/* What a policy prints goes nowhere. */
static void test_silence(void) {
  FILE* captured = tmpfile();
  EXPECT(captured != NULL);
  if (captured == NULL) return;
  fflush(stdout);
  const int out = dup(1), err = dup(2);
  dup2(fileno(captured), 1);
  dup2(fileno(captured), 2);
  trustee_rego_policy* policy =
      compile("package policy\nimport input\nallow if { print(\"p\"); trace(\"t\") }");
  const trustee_rego_request request = {.input = text("{}"), .time_limit_ms = 20000};
  trustee_rego_result* result = NULL;
  const trustee_status status = trustee_rego_evaluate(policy, &request, &result, NULL);
  dup2(out, 1);
  dup2(err, 2);
  EXPECT(status == TRUSTEE_OK);
  EXPECT(trustee_rego_result_rule(result, 0, NULL) == TRUSTEE_REGO_VALUE);
  EXPECT(lseek(fileno(captured), 0, SEEK_END) == 0);
  trustee_rego_result_free(result);
  trustee_rego_policy_free(policy);
  fclose(captured);
}

static void test_regex(void) {
  trustee_regex* regex = NULL;
  int matched = -1;
  EXPECT(trustee_regex_compile(text("a|b"), &regex, NULL) == TRUSTEE_OK);
  EXPECT(trustee_regex_full_match(regex, text("b"), &matched) == TRUSTEE_OK && matched == 1);
  EXPECT(trustee_regex_full_match(regex, text("bc"), &matched) == TRUSTEE_OK && matched == 0);
  EXPECT(trustee_regex_full_match(NULL, text("b"), &matched) == TRUSTEE_INVALID_ARGUMENT);
  trustee_regex_free(regex);
  trustee_error error;
  EXPECT(trustee_regex_compile(text("("), &regex, &error) == TRUSTEE_REGEX_INVALID);
  EXPECT(regex == NULL && error.message.len > 0);
  trustee_error_free(&error);
}

static trustee_slice slice_of(const uint8_t* bytes, size_t len) {
  trustee_slice slice = {bytes, len};
  return slice;
}

#ifdef WITH_OPENSSL
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

/* A random key of OpenSSL signs, ours verifies; and the other way round. */
static void against_openssl(uint32_t curve, const char* group, size_t size) {
  EVP_PKEY* key = EVP_EC_gen(group);
  uint8_t point[97], scalar[48], digest[48], r_s[96];
  size_t point_len = 0, der_len = 0;
  BIGNUM* d = NULL;
  EXPECT(key && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
                                                &point_len) == 1);
  EXPECT(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1);
  EXPECT(BN_bn2binpad(d, scalar, (int)size) == (int)size);
  EXPECT(RAND_bytes(digest, (int)size) == 1);

  uint8_t der[128];
  der_len = sizeof der;
  EVP_PKEY_CTX* ctx = EVP_PKEY_CTX_new(key, NULL);
  EXPECT(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, der, &der_len, digest, size) == 1);
  const uint8_t* at = der;
  ECDSA_SIG* signature = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), r_s, (int)size);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), r_s + size, (int)size);
  ECDSA_SIG_free(signature);

  trustee_ecdsa_public_key* ours = NULL;
  EXPECT(trustee_ecdsa_public_key_new(curve, slice_of(point, point_len), &ours) == TRUSTEE_OK);
  EXPECT(trustee_ecdsa_verify_digest(ours, slice_of(digest, size), slice_of(r_s, 2 * size)) ==
         TRUSTEE_OK);
  digest[0] ^= 1;
  EXPECT(trustee_ecdsa_verify_digest(ours, slice_of(digest, size), slice_of(r_s, 2 * size)) ==
         TRUSTEE_SIGNATURE_INVALID);

  trustee_ecdsa_private_key* signer = NULL;
  EXPECT(trustee_ecdsa_private_key_new(curve, slice_of(scalar, size), &signer) == TRUSTEE_OK);
  EXPECT(trustee_ecdsa_sign_digest(signer, slice_of(digest, size), r_s, 2 * size) == TRUSTEE_OK);
  signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(r_s, (int)size, NULL),
                 BN_bin2bn(r_s + size, (int)size, NULL));
  uint8_t* encoded = NULL;
  const int encoded_len = i2d_ECDSA_SIG(signature, &encoded);
  EXPECT(EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_verify(ctx, encoded, (size_t)encoded_len, digest, size) == 1);

  OPENSSL_free(encoded);
  ECDSA_SIG_free(signature);
  EVP_PKEY_CTX_free(ctx);
  BN_clear_free(d);
  EVP_PKEY_free(key);
  trustee_ecdsa_public_key_free(ours);
  trustee_ecdsa_private_key_free(signer);
}
#endif

static void test_ecdsa(void) {
  uint8_t scalar[48] = {0}, digest[32] = {7}, signature[64];
  scalar[31] = 1; /* the public key is the generator */
  static const uint8_t generator[65] = {
      0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
      0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
      0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
      0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
      0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
  trustee_ecdsa_private_key* signer = NULL;
  trustee_ecdsa_public_key* verifier = NULL;
  EXPECT(trustee_ecdsa_private_key_new(TRUSTEE_CURVE_P256, slice_of(scalar, 32), &signer) ==
         TRUSTEE_OK);
  EXPECT(trustee_ecdsa_public_key_new(TRUSTEE_CURVE_P256, slice_of(generator, 65), &verifier) ==
         TRUSTEE_OK);
  EXPECT(trustee_ecdsa_sign_digest(signer, slice_of(digest, 32), signature, 64) == TRUSTEE_OK);
  EXPECT(trustee_ecdsa_verify_digest(verifier, slice_of(digest, 32), slice_of(signature, 64)) ==
         TRUSTEE_OK);
  signature[63] ^= 1;
  EXPECT(trustee_ecdsa_verify_digest(verifier, slice_of(digest, 32), slice_of(signature, 64)) ==
         TRUSTEE_SIGNATURE_INVALID);
  EXPECT(trustee_ecdsa_sign_digest(signer, slice_of(digest, 32), NULL, 64) ==
         TRUSTEE_INVALID_ARGUMENT);
  trustee_ecdsa_public_key_free(verifier);
  EXPECT(trustee_ecdsa_public_key_new(3, slice_of(generator, 65), &verifier) ==
             TRUSTEE_INVALID_ARGUMENT &&
         verifier == NULL);
  trustee_ecdsa_private_key_free(signer);
#ifdef WITH_OPENSSL
  for (int i = 0; i < 20; ++i) {
    against_openssl(TRUSTEE_CURVE_P256, "P-256", 32);
    against_openssl(TRUSTEE_CURVE_P384, "P-384", 48);
  }
#endif
}

int main(void) {
  const trustee_slice version = trustee_rust_version();
  EXPECT(version.len > 0 && version.ptr[0] >= '0' && version.ptr[0] <= '9');
  test_rego();
  test_refusal();
  test_silence();
  test_regex();
  test_ecdsa();
  if (failures == 0) printf("ok\n");
  return failures == 0 ? 0 : 1;
}
