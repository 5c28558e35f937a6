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
#include <stdlib.h>
#include <string.h>

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

typedef enum { XXH3_SCALAR_KERNEL, XXH3_BASE_KERNEL, XXH3_AVX2_KERNEL, XXH3_AVX512_KERNEL, XXH3_KERNELS } xxh3_kernel;

/* The kernel that every processor of the architecture has; "scalar" where that is plain C. */
#if XXH_VECTOR == XXH_SSE2
#define XXH3_BASE_NAME "sse2"
#elif XXH_VECTOR == XXH_AVX2
#define XXH3_BASE_NAME "avx2" /* built with -mavx2: it needs no choice */
#elif XXH_VECTOR == XXH_AVX512
#define XXH3_BASE_NAME "avx512"
#elif XXH_VECTOR == XXH_NEON
#define XXH3_BASE_NAME "neon"
#elif XXH_VECTOR == XXH_SCALAR
#define XXH3_BASE_NAME "scalar"
#else
#define XXH3_BASE_NAME "vector"
#endif

/* Names a kernel that is to be used instead of the best one: for tests. */
#define XXH3_KERNEL_VARIABLE "MLOPS_ENGINE_KERNEL"

static inline const char *xxh3_kernel_name(xxh3_kernel kernel) {
    static const char *const names[] = {"scalar", XXH3_BASE_NAME, "avx2", "avx512"};
    return names[kernel];
}

static inline int xxh3_usable(xxh3_kernel kernel) {
    if (kernel == XXH3_BASE_KERNEL) return XXH_VECTOR != XXH_SCALAR;
#ifdef XXH3_BY_CPU
    if (kernel == XXH3_AVX512_KERNEL) return XXH_VECTOR != XXH_AVX512 && __builtin_cpu_supports("avx512f");
    if (kernel == XXH3_AVX2_KERNEL) return XXH_VECTOR < XXH_AVX2 && __builtin_cpu_supports("avx2");
#endif
    return kernel == XXH3_SCALAR_KERNEL;
}

/* The last usable one, or the one that the environment names; a name that is no usable kernel is refused when the
 * engine is imported, before anything is hashed. */
static inline xxh3_kernel xxh3_choose(void) {
    const char *wanted = getenv(XXH3_KERNEL_VARIABLE);
    xxh3_kernel best = XXH3_SCALAR_KERNEL;
    for (int kernel = 0; kernel < XXH3_KERNELS; kernel++) {
        if (!xxh3_usable((xxh3_kernel)kernel)) continue;
        best = (xxh3_kernel)kernel;
        if (wanted != NULL && strcmp(wanted, xxh3_kernel_name(best)) == 0) break;
    }
    return best;
}

static inline xxh3_kernel xxh3_best(void) {
    static int chosen = -1; /* any number of threads may find it unset: they all choose the same */
    int kernel = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (kernel < 0) __atomic_store_n(&chosen, kernel = (int)xxh3_choose(), __ATOMIC_RELAXED);
    return (xxh3_kernel)kernel;
}

/* The loop over a long input, and the one over a piece, with the instructions of one kernel. */
#define XXH3_KERNEL(NAME, TARGET)                                                                                  \
    static __attribute__((noinline, unused)) TARGET XXH128_hash_t xxh3_long_##NAME(const void *data,               \
                                                                                   size_t length) {                \
        return XXH3_hashLong_128b_internal(data, length, XXH3_kSecret, sizeof(XXH3_kSecret),                       \
                                           XXH3_accumulate_##NAME, XXH3_scrambleAcc_##NAME);                       \
    }                                                                                                              \
    static __attribute__((noinline, unused)) TARGET void xxh3_feed_##NAME(xxh3_state *state, const void *data,     \
                                                                          size_t length) {                         \
        XXH3_update(state, data, length, XXH3_accumulate_##NAME, XXH3_scrambleAcc_##NAME);                         \
    }

XXH3_KERNEL(scalar, )
#ifdef XXH3_BY_CPU
XXH3_KERNEL(avx2, XXH_TARGET_AVX2)
XXH3_KERNEL(avx512, XXH_TARGET_AVX512)
#endif

static inline XXH128_hash_t xxh3_long(xxh3_kernel kernel, const void *data, size_t length) {
    switch (kernel) {
#ifdef XXH3_BY_CPU
    case XXH3_AVX512_KERNEL: return xxh3_long_avx512(data, length);
    case XXH3_AVX2_KERNEL: return xxh3_long_avx2(data, length);
#endif
    case XXH3_SCALAR_KERNEL: return xxh3_long_scalar(data, length);
    default: return XXH3_128bits(data, length);
    }
}

static inline void xxh3_write(XXH128_hash_t hash, uint8_t *digest) {
    XXH128_canonicalFromHash((XXH128_canonical_t *)(void *)digest, hash);
}

/* Digest of `length` bytes by a kernel that is usable here. */
static inline void xxh3_digest_by(xxh3_kernel kernel, const void *data, size_t length, uint8_t *digest) {
    xxh3_write(length > XXH3_MIDSIZE_MAX ? xxh3_long(kernel, data, length) : XXH3_128bits(data, length), digest);
}

static inline void xxh3_digest(const void *data, size_t length, uint8_t *digest) {
    xxh3_write(length > XXH3_MIDSIZE_MAX ? xxh3_long(xxh3_best(), data, length) : XXH3_128bits(data, length), digest);
}

/* The same digest over pieces: start, feed any number of times, finish (which changes nothing in it). */
static inline void xxh3_start(xxh3_state *state) { XXH3_128bits_reset(state); }

static inline void xxh3_feed(xxh3_state *state, const void *data, size_t length) {
    if (length == 0) return; /* an empty buffer's address may be NULL */
    switch (xxh3_best()) {
#ifdef XXH3_BY_CPU
    case XXH3_AVX512_KERNEL: xxh3_feed_avx512(state, data, length); return;
    case XXH3_AVX2_KERNEL: xxh3_feed_avx2(state, data, length); return;
#endif
    case XXH3_SCALAR_KERNEL: xxh3_feed_scalar(state, data, length); return;
    default: XXH3_128bits_update(state, data, length);
    }
}

static inline void xxh3_finish(const xxh3_state *state, uint8_t *digest) {
    xxh3_write(XXH3_128bits_digest(state), digest);
}

#endif
