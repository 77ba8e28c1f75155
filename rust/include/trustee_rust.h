/* C face of the one Rust library: Rego (regorus), regular expressions, ECDSA (AWS-LC), TOML.
 *
 * Bytes       Everything is pointer and length. Nothing is NUL-terminated, nothing is modified.
 *             A slice of length 0 may have a null pointer. Text must be UTF-8.
 * Ownership   Inputs are borrowed for the call. What comes back through an `out` pointer belongs to
 *             the caller and goes back through the matching *_free; freeing NULL is allowed.
 *             `out` is set to NULL at entry, and stays NULL unless the call returns TRUSTEE_OK
 *             (exception: trustee_rego_evaluate, see there).
 * Threads     Handles are immutable: one handle may be used from many threads at once. Freeing one
 *             while it is in use is the caller's error.
 * Errors      Every fallible function returns a trustee_status. `error`, where taken, may be NULL;
 *             otherwise it is overwritten at entry (pass a zeroed or freed one) and filled when the
 *             status is not TRUSTEE_OK.
 * Panics      A Rust panic is caught and returned as TRUSTEE_PANIC; no unwinding crosses this face.
 *             The standard panic hook then prints one line to stderr.
 */
#ifndef TRUSTEE_RUST_H
#define TRUSTEE_RUST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values are part of the binary interface and never reused. */
typedef enum trustee_status {
  TRUSTEE_OK = 0,
  TRUSTEE_INVALID_ARGUMENT = 1, /* null where a pointer is needed, bad index, not UTF-8, limit 0 */
  TRUSTEE_PANIC = 2,            /* a bug in the library; the handle stays usable */
  TRUSTEE_JSON_INVALID = 3, /* input, data or a reference value is not JSON of the asked shape */
  TRUSTEE_OUT_OF_RESOURCES = 4, /* the operating system refused a thread */

  TRUSTEE_REGO_SYNTAX = 10,  /* does not parse as Rego v1, or exceeds a size limit */
  TRUSTEE_REGO_UNSOUND = 11, /* parses, but cannot be prepared: unsafe variable, clashing rules */
  TRUSTEE_REGO_WRONG_PACKAGE = 12,    /* the package holds none of the required rules */
  TRUSTEE_REGO_RULE_MISSING = 13,     /* a required rule is not defined */
  TRUSTEE_REGO_UNKNOWN_FUNCTION = 14, /* calls what neither the policy nor the engine defines */
  TRUSTEE_REGO_TOO_DEEP = 15,         /* recursion, or nesting that could exhaust the stack */
  TRUSTEE_REGO_EVALUATION = 20, /* evaluation failed: failing built-in, conflicting rules, ... */
  TRUSTEE_REGO_TIME_LIMIT = 21, /* stopped at the time limit */
  TRUSTEE_REGO_NEEDS = 22, /* no failure: reference values were asked for that are not at hand */

  TRUSTEE_REGEX_INVALID = 30, /* not a pattern of the Rust regex crate, or too large */

  TRUSTEE_KEY_INVALID = 40, /* not a point on the curve, not a scalar in range, wrong length */
  TRUSTEE_SIGNATURE_INVALID = 41, /* does not verify, or has the wrong length */
  TRUSTEE_CRYPTO_FAILED = 42,     /* AWS-LC refused for another reason */

  TRUSTEE_TOML_SYNTAX = 50,       /* not TOML 1.1, a repeated key included */
  TRUSTEE_TOML_TOO_DEEP = 51,     /* nests deeper than `max_depth` */
  TRUSTEE_TOML_TOO_LARGE = 52,    /* more than `max_items` */
  TRUSTEE_TOML_UNREPRESENTABLE = 53 /* an integer beyond 64 bits, a float that JSON does not have */
} trustee_status;

/* Borrowed bytes. */
typedef struct trustee_slice {
  const uint8_t* ptr;
  size_t len;
} trustee_slice;

/* Owned bytes; free with trustee_buffer_free. */
typedef struct trustee_buffer {
  uint8_t* ptr;
  size_t len;
} trustee_buffer;

void trustee_buffer_free(trustee_buffer* buffer);

/* What, where and why. `line` and `column` start at 1; 0 means unknown. `message` is UTF-8 text for
 * an operator, several lines when it quotes the policy. Free with trustee_error_free. */
typedef struct trustee_error {
  trustee_status status; /* as returned; see TRUSTEE_REGO_LENIENT */
  uint32_t line;
  uint32_t column;
  trustee_buffer message;
} trustee_error;

void trustee_error_free(trustee_error* error);

/* Version of this library, for example "0.1.0 regorus 0.11.0". Static; do not free. */
trustee_slice trustee_rust_version(void);

/* ------------------------------------------------------------------------------------------------
 * Reference values: a persistent map from name to prepared JSON value.
 *
 * Each function makes a new handle that shares all untouched entries with the old one, so adding or
 * removing one name costs O(log n) however many are stored. Lookup during an evaluation is O(log n)
 * with a base of 32. A value is parsed once, when it is put in. */
typedef struct trustee_refs trustee_refs;

typedef struct trustee_named_json {
  trustee_slice name; /* UTF-8 */
  trustee_slice json; /* one JSON value of any type */
} trustee_named_json;

/* A new set of `count` entries; the last of equal names wins. `items` may be NULL if count is 0.
 * Errors: JSON_INVALID (message names the entry), INVALID_ARGUMENT. */
trustee_status trustee_refs_new(const trustee_named_json* items, size_t count, trustee_refs** out,
                                trustee_error* error);
/* `refs` with `items` added or replaced. Errors as above. */
trustee_status trustee_refs_with(const trustee_refs* refs, const trustee_named_json* items,
                                 size_t count, trustee_refs** out, trustee_error* error);
/* `refs` without `names`; names that are not in it are no error. */
trustee_status trustee_refs_without(const trustee_refs* refs, const trustee_slice* names,
                                    size_t count, trustee_refs** out, trustee_error* error);
/* Number of entries; 0 for NULL. */
size_t trustee_refs_count(const trustee_refs* refs);
/* The value under `name` as compact JSON. `*found` is 0 or 1; `json` is empty when not found. */
trustee_status trustee_refs_get(const trustee_refs* refs, trustee_slice name, int* found,
                                trustee_buffer* json);
void trustee_refs_free(trustee_refs* refs);

/* ------------------------------------------------------------------------------------------------
 * Rego: compile once, evaluate many times from many threads. */
typedef struct trustee_rego_policy trustee_rego_policy;
typedef struct trustee_rego_result trustee_rego_result;

typedef struct trustee_rego_rule {
  trustee_slice path; /* "data.policy.allow" */
  uint32_t required;  /* 1: compiling fails when the policy does not define it */
} trustee_rego_rule;

/* The policy may call query_reference_value(name). Without it such a call is an unknown function.
 */
#define TRUSTEE_REGO_REFERENCE_VALUES 1u
/* Accept and know: RULE_MISSING, WRONG_PACKAGE and UNKNOWN_FUNCTION do not fail the call. The first
 * of them is still written to `error`, its status included, and the call returns TRUSTEE_OK. For
 * policies that are stored already. */
#define TRUSTEE_REGO_LENIENT 2u

/* Compiles one Rego v1 module.
 * Shape   1 to 16 `rules`, all below one package; `data_keys` are the top-level members that every
 *         evaluation's `data` will have (none: NULL and 0). They only make evaluation fast: `data`
 * of any other shape gives the same answers, at the cost of preparing the policy again. Limits  1
 * MiB, 20,000 lines, 1,024 columns, expression depth 32 (the engine's own). TOO_DEEP refuses
 * recursion between functions, and what could need more than 4 MiB of stack to evaluate: some 200
 * levels of rules that use each other, 1,300 statements in one body; also brackets nested so deep
 * that the engine's parser would need minutes. Errors  all TRUSTEE_REGO_* below 20,
 * INVALID_ARGUMENT. `error` says where. Cost    milliseconds for a few hundred lines, up to half a
 * minute for the worst text within the limits, on a thread with a large stack that the call makes
 * and joins. */
trustee_status trustee_rego_compile(trustee_slice text, const trustee_rego_rule* rules,
                                    size_t rule_count, const trustee_slice* data_keys,
                                    size_t data_key_count, uint32_t flags,
                                    trustee_rego_policy** out, trustee_error* error);
void trustee_rego_policy_free(trustee_rego_policy* policy);

/* 1 when the policy defines rule `index` of those asked for, else 0. */
int trustee_rego_policy_has_rule(const trustee_rego_policy* policy, size_t index);

/* The names that the policy text passes to query_reference_value as literals, sorted, each once: a
 * caller whose reference values are remote can fetch them in one go. A policy may still compute
 * others. The slices live as long as the policy. */
size_t trustee_rego_policy_reference_count(const trustee_rego_policy* policy);
trustee_slice trustee_rego_policy_reference_name(const trustee_rego_policy* policy, size_t index);

/* An `input` that several evaluations share: parsed once. Errors: JSON_INVALID, INVALID_ARGUMENT.
 */
typedef struct trustee_rego_input trustee_rego_input;
trustee_status trustee_rego_input_new(trustee_slice json, trustee_rego_input** out,
                                      trustee_error* error);
void trustee_rego_input_free(trustee_rego_input* input);

#define TRUSTEE_REGO_ALL_RULES UINT32_MAX

/* query_reference_value(name), for a name in neither `overlay` nor `refs`: */
#define TRUSTEE_REGO_UNKNOWN_IS_NULL 0u   /* is null */
#define TRUSTEE_REGO_UNKNOWN_IS_NEEDED 1u /* is recorded as needed, see trustee_rego_evaluate */

typedef struct trustee_rego_request {
  trustee_slice input;                      /* JSON, any type; empty: `input` is undefined */
  const trustee_rego_input* prepared_input; /* used instead of `input`, unless NULL */
  trustee_slice data;                       /* JSON object; empty: {} */
  const trustee_refs* refs;                 /* may be NULL */
  const trustee_named_json* overlay; /* looked up before `refs`; a few entries, parsed per call */
  size_t overlay_count;
  uint32_t rule;               /* index into the rules compiled, or TRUSTEE_REGO_ALL_RULES */
  uint32_t unknown_references; /* TRUSTEE_REGO_UNKNOWN_IS_* */
  uint32_t time_limit_ms;      /* for the whole call, 1 or more */
} trustee_rego_request;

/* Evaluates one rule, or all in the order compiled; an error in one ends the call.
 *
 * query_reference_value(name): found -> the value; not found -> null; argument undefined ->
 * undefined; other arity or a non-string argument -> EVALUATION. The answer does not depend on the
 * calls made before. `x in query_reference_value(name)`, written like that, is answered by a search
 * tree, so an array of 10,000 entries costs as little as one of ten.
 *
 * Built-ins are strict: one that fails ends the evaluation. print() and trace() are evaluated and
 * discarded. time.now_ns() and rand.intn() read the clock and the system's generator.
 *
 * Numbers  integers within 64 bits are exact; others become binary64, as in the engine's own
 * reader. Time     checked between expressions; a single built-in call is not interrupted. Memory
 * not limited; the time limit bounds it for anything that loops in Rego.
 *
 * Returns  OK: *out holds the result. NEEDS: *out holds a result with the queries only; fetch those
 *          not found and evaluate again (an evaluation error that happens after the first missing
 *          name is reported as NEEDS, too). Otherwise *out is NULL. */
trustee_status trustee_rego_evaluate(const trustee_rego_policy* policy,
                                     const trustee_rego_request* request, trustee_rego_result** out,
                                     trustee_error* error);

typedef enum trustee_rego_state {
  TRUSTEE_REGO_NOT_EVALUATED = 0, /* another rule was asked for, or NEEDS */
  TRUSTEE_REGO_MISSING = 1,       /* the policy does not define the rule */
  TRUSTEE_REGO_UNDEFINED = 2,     /* the rule is defined and has no value for this input */
  TRUSTEE_REGO_VALUE = 3
} trustee_rego_state;

/* The outcome of rule `index`. `json` (may be NULL) is set to compact JSON when the state is VALUE,
 * else to an empty slice; it lives as long as the result.
 * Shape   as the engine writes it: object keys in the engine's order (strings: byte order), sets as
 *         arrays, keys that are not strings as their JSON text, an undefined member "<undefined>".
 */
trustee_rego_state trustee_rego_result_rule(const trustee_rego_result* result, size_t index,
                                            trustee_slice* json);

/* Reference values asked for, each name once, in the order first asked. `*found` (may be NULL):
 * 1 in `overlay` or `refs`, 0 not found (or needed). `name` lives as long as the result. */
size_t trustee_rego_result_query_count(const trustee_rego_result* result);
trustee_slice trustee_rego_result_query(const trustee_rego_result* result, size_t index,
                                        int* found);
void trustee_rego_result_free(trustee_rego_result* result);

/* ------------------------------------------------------------------------------------------------
 * Regular expressions: the Rust regex crate, whose matching takes time linear in the text. */
typedef struct trustee_regex trustee_regex;

/* Compiles `pattern` so that it matches a text in full, alternations included: "a|b" matches "b"
 * and not "bc". Limits: 4 KiB of pattern, 1 MiB compiled. Errors: REGEX_INVALID with a message. */
trustee_status trustee_regex_compile(trustee_slice pattern, trustee_regex** out,
                                     trustee_error* error);
/* *matched is 1 when `text` matches in full, else 0. Errors: INVALID_ARGUMENT (not UTF-8). */
trustee_status trustee_regex_full_match(const trustee_regex* regex, trustee_slice text,
                                        int* matched);
void trustee_regex_free(trustee_regex* regex);

/* ------------------------------------------------------------------------------------------------
 * ECDSA through AWS-LC, over a digest made elsewhere. A key is parsed and checked once. */
#define TRUSTEE_CURVE_P256 1u
#define TRUSTEE_CURVE_P384 2u

typedef struct trustee_ecdsa_public_key trustee_ecdsa_public_key;
typedef struct trustee_ecdsa_private_key trustee_ecdsa_private_key;

/* `point` is 0x04 || x || y: 65 bytes for P-256, 97 for P-384. Errors: KEY_INVALID (wrong length,
 * not on the curve, infinity), INVALID_ARGUMENT (unknown curve). */
trustee_status trustee_ecdsa_public_key_new(uint32_t curve, trustee_slice point,
                                            trustee_ecdsa_public_key** out);
/* Verifies r || s, each big-endian and as long as the field (32 or 48 bytes), over a digest of 32,
 * 48 or 64 bytes, cut to the order's length as ECDSA says. A high s is accepted, as ECDSA says.
 * Errors: SIGNATURE_INVALID, INVALID_ARGUMENT (digest length). */
trustee_status trustee_ecdsa_verify_digest(const trustee_ecdsa_public_key* key,
                                           trustee_slice digest, trustee_slice signature);
void trustee_ecdsa_public_key_free(trustee_ecdsa_public_key* key);

/* `scalar` is big-endian, 32 or 48 bytes, within 1 and the order - 1; the public key is derived.
 * The copy inside is wiped when freed. Errors: KEY_INVALID, INVALID_ARGUMENT. */
trustee_status trustee_ecdsa_private_key_new(uint32_t curve, trustee_slice scalar,
                                             trustee_ecdsa_private_key** out);
/* Signs a digest as above and writes r || s to `signature`, which holds `signature_len` bytes:
 * exactly 64 (P-256) or 96 (P-384). Randomised. Errors: INVALID_ARGUMENT, CRYPTO_FAILED. */
trustee_status trustee_ecdsa_sign_digest(const trustee_ecdsa_private_key* key, trustee_slice digest,
                                         uint8_t* signature, size_t signature_len);
void trustee_ecdsa_private_key_free(trustee_ecdsa_private_key* key);

/* ------------------------------------------------------------------------------------------------
 * TOML 1.1, read by the Rust crate toml. */

/* Dates and times become text, `nan` and `inf` are refused. Without it they become what serde makes
 * of them: the object {"$__toml_private_datetime": text}, and null. */
#define TRUSTEE_TOML_PLAIN 1u

/* Writes `text` as one compact JSON object to `out`, members sorted by the bytes of their names.
 * Shape   integers between -2^63 and 2^64 - 1 stay integers; floats are written as short as they
 *         read back, with a fraction or an exponent.
 * Limits  `max_depth` (1 to 64) bounds open tables and arrays, the document itself included;
 *         `max_items` bounds keys, values and headers together. Both are applied before a tree is
 *         built. The caller bounds the bytes.
 * Errors  TRUSTEE_TOML_* with line and column, INVALID_ARGUMENT (not UTF-8, a limit out of range, an
 *         unknown flag). */
trustee_status trustee_toml_to_json(trustee_slice text, uint32_t max_depth, uint32_t max_items,
                                    uint32_t flags, trustee_buffer *out, trustee_error *error);

#ifdef __cplusplus
}
#endif

#endif
