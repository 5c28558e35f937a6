/* XXH3-128 for every compiled module: digests as 16 bytes in canonical (big-endian) order.
 *
 * The algorithm comes from xxhash.h (https://github.com/Cyan4973/xxHash), as pyarrow ships it. It is
 * inlined for short inputs; for long ones its loop is compiled once per instruction set, and the best one
 * that this processor has is taken at run time: a wheel must run on the oldest x86-64, which has SSE2 only,
 * and there the loop is half as fast as with AVX2. Every kernel gives the same digest.
 */
#ifndef MLOPS_XXH3_H
#define MLOPS_XXH3_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define XXH3_BY_CPU 1
#include <immintrin.h>
#define XXH_DISPATCH_AVX2 1
#define XXH_DISPATCH_AVX512 1
#define XXH_TARGET_AVX2 __attribute__((__target__("avx2")))
#define XXH_TARGET_AVX512 __attribute__((__target__("avx512f")))
#define XXH_ACC_ALIGN 64 /* what the widest kernel needs */
#endif
#define XXH_INLINE_ALL
#include "arrow/vendored/xxhash/xxhash.h"

#define XXH3_DIGEST_BYTES 16

/* Above this the GIL is let go while hashing: below, giving it up costs more than the hashing. */
#define XXH3_GIL_BYTES 65536

typedef XXH3_state_t xxh3_state; /* aligned by its type: a local variable, or one from hash_state.h */

typedef enum { XXH3_PORTABLE, XXH3_AVX2, XXH3_AVX512, XXH3_KERNELS } xxh3_kernel;

static inline int xxh3_usable(xxh3_kernel kernel) {
#ifdef XXH3_BY_CPU
    if (kernel == XXH3_AVX512) return __builtin_cpu_supports("avx512f") != 0;
    if (kernel == XXH3_AVX2) return __builtin_cpu_supports("avx2") != 0;
#endif
    return kernel == XXH3_PORTABLE;
}

static inline xxh3_kernel xxh3_best(void) {
    if (xxh3_usable(XXH3_AVX512)) return XXH3_AVX512;
    return xxh3_usable(XXH3_AVX2) ? XXH3_AVX2 : XXH3_PORTABLE;
}

#ifdef XXH3_BY_CPU
static __attribute__((noinline, unused)) XXH_TARGET_AVX2 XXH128_hash_t
xxh3_long_avx2(const void *data, size_t length) {
    return XXH3_hashLong_128b_internal(data, length, XXH3_kSecret, sizeof(XXH3_kSecret), XXH3_accumulate_avx2,
                                       XXH3_scrambleAcc_avx2);
}

static __attribute__((noinline, unused)) XXH_TARGET_AVX512 XXH128_hash_t
xxh3_long_avx512(const void *data, size_t length) {
    return XXH3_hashLong_128b_internal(data, length, XXH3_kSecret, sizeof(XXH3_kSecret),
                                       XXH3_accumulate_avx512, XXH3_scrambleAcc_avx512);
}

static __attribute__((noinline, unused)) XXH_TARGET_AVX2 void
xxh3_feed_avx2(xxh3_state *state, const void *data, size_t length) {
    XXH3_update(state, data, length, XXH3_accumulate_avx2, XXH3_scrambleAcc_avx2);
}

static __attribute__((noinline, unused)) XXH_TARGET_AVX512 void
xxh3_feed_avx512(xxh3_state *state, const void *data, size_t length) {
    XXH3_update(state, data, length, XXH3_accumulate_avx512, XXH3_scrambleAcc_avx512);
}
#endif

static inline void xxh3_write(XXH128_hash_t hash, uint8_t *digest) {
    XXH128_canonicalFromHash((XXH128_canonical_t *)(void *)digest, hash);
}

/* Digest of `length` bytes by a kernel that is usable here. */
static inline void xxh3_digest_by(xxh3_kernel kernel, const void *data, size_t length, uint8_t *digest) {
#ifdef XXH3_BY_CPU
    if (length > XXH3_MIDSIZE_MAX && kernel != XXH3_PORTABLE) {
        xxh3_write(kernel == XXH3_AVX512 ? xxh3_long_avx512(data, length) : xxh3_long_avx2(data, length), digest);
        return;
    }
#endif
    (void)kernel;
    xxh3_write(XXH3_128bits(data, length), digest);
}

static inline void xxh3_digest(const void *data, size_t length, uint8_t *digest) {
    xxh3_digest_by(length > XXH3_MIDSIZE_MAX ? xxh3_best() : XXH3_PORTABLE, data, length, digest);
}

/* The same digest over pieces: start, feed any number of times, finish (which changes nothing in it). */
static inline void xxh3_start(xxh3_state *state) { XXH3_128bits_reset(state); }

static inline void xxh3_feed(xxh3_state *state, const void *data, size_t length) {
    if (length == 0) return; /* an empty buffer's address may be NULL */
#ifdef XXH3_BY_CPU
    switch (xxh3_best()) {
    case XXH3_AVX512: xxh3_feed_avx512(state, data, length); return;
    case XXH3_AVX2: xxh3_feed_avx2(state, data, length); return;
    default: break;
    }
#endif
    XXH3_128bits_update(state, data, length);
}

static inline void xxh3_finish(const xxh3_state *state, uint8_t *digest) {
    xxh3_write(XXH3_128bits_digest(state), digest);
}

#endif
