/* See arrow_offsets.h. */
#include "arrow_offsets.h"

#include "arrow_buffer.h"

#define UNALIGNED __attribute__((aligned(1), may_alias))

typedef int32_t UNALIGNED i32;
typedef int64_t UNALIGNED i64;
typedef uint8_t UNALIGNED u8;
typedef uint16_t UNALIGNED u16;
typedef uint32_t UNALIGNED u32;
typedef uint64_t UNALIGNED u64;


#define OFFSETS(WIDTH, NUMBER)                                                                                         \
    static int wrong##WIDTH(const NUMBER *offsets, int64_t count) {                                                    \
        int wrong = offsets[0] < 0;                                                                                    \
        for (int64_t i = 0; i < count; i++) wrong |= offsets[i + 1] < offsets[i];                                      \
        return wrong;                                                                                                  \
    }                                                                                                                  \
    static void moved##WIDTH(NUMBER *into, const NUMBER *offsets, int64_t count, NUMBER shift) {                       \
        for (int64_t i = 0; i < count; i++) into[i] = offsets[i + 1] + shift;                                          \
    }                                                                                                                  \
    static int64_t under_nulls##WIDTH(const NUMBER *offsets, int64_t count, const uint8_t *validity, int64_t at) {     \
        int64_t sum = 0;                                                                                               \
        for (int64_t i = 0; i < count; i += 64) {                                                                      \
            int rows = count - i < 64 ? (int)(count - i) : 64;                                                         \
            uint64_t nulls = arrow_bits_nulls(validity, at + i, rows);                                                 \
            for (; nulls != 0; nulls &= nulls - 1) {                                                                   \
                int64_t row = i + __builtin_ctzll(nulls);                                                              \
                sum += offsets[row + 1] - offsets[row];                                                                \
            }                                                                                                          \
        }                                                                                                              \
        return sum;                                                                                                    \
    }                                                                                                                  \
    static void of_valid##WIDTH(NUMBER *into, const NUMBER *offsets, int64_t count, NUMBER end,                        \
                                const uint8_t *validity, int64_t at) {                                                 \
        for (int64_t i = 0; i < count; i += 64) {                                                                      \
            int rows = count - i < 64 ? (int)(count - i) : 64;                                                         \
            uint64_t nulls = arrow_bits_nulls(validity, at + i, rows);                                                 \
            for (int64_t row = i; row < i + rows; row++, nulls >>= 1) {                                                \
                end += (offsets[row + 1] - offsets[row]) & ((NUMBER)(nulls & 1) - 1);                                  \
                into[row] = end;                                                                                       \
            }                                                                                                          \
        }                                                                                                              \
    }

OFFSETS(4, i32)
OFFSETS(8, i64)

int arrow_offsets_wrong(const void *offsets, int width, int64_t count) {
    return width == 4 ? wrong4(offsets, count) : wrong8(offsets, count);
}

void arrow_offsets_moved(void *into, const void *offsets, int width, int64_t count, int64_t shift) {
    if (width == 4)
        moved4(into, offsets, count, (int32_t)shift);
    else
        moved8(into, offsets, count, shift);
}

int64_t arrow_offsets_under_nulls(const void *offsets, int width, int64_t count, const uint8_t *validity, int64_t at) {
    return width == 4 ? under_nulls4(offsets, count, validity, at) : under_nulls8(offsets, count, validity, at);
}

void arrow_offsets_of_valid(void *into, const void *offsets, int width, int64_t count, int64_t base,
                            const uint8_t *validity, int64_t at) {
    if (width == 4)
        of_valid4(into, offsets, count, (int32_t)base, validity, at);
    else
        of_valid8(into, offsets, count, base, validity, at);
}

/* A negative index is a huge one without its sign; where the type cannot even count the entries, none is too large. */
#define INDICES(WIDTH, NUMBER)                                                                                         \
    static int outside##WIDTH(const NUMBER *indices, int64_t count, NUMBER last) {                                     \
        int outside = 0;                                                                                               \
        for (int64_t i = 0; i < count; i++) outside |= indices[i] > last;                                              \
        return outside;                                                                                                \
    }                                                                                                                  \
    static void mapped##WIDTH(NUMBER *into, const NUMBER *indices, int64_t count, const int64_t *map) {                \
        for (int64_t i = 0; i < count; i++) into[i] = (NUMBER)map[indices[i]];                                         \
    }

INDICES(1, u8)
INDICES(2, u16)
INDICES(4, u32)
INDICES(8, u64)

int arrow_indices_wrong(const void *indices, int width, int is_signed, int64_t count, int64_t entries) {
    int64_t countable = width == 8 ? INT64_MAX : (int64_t)1 << (8 * width - (is_signed ? 1 : 0));
    uint64_t last = (uint64_t)((entries < countable ? entries : countable) - 1);
    if (entries == 0) return count > 0;
    switch (width) {
    case 1: return outside1(indices, count, (uint8_t)last);
    case 2: return outside2(indices, count, (uint16_t)last);
    case 4: return outside4(indices, count, (uint32_t)last);
    default: return outside8(indices, count, last);
    }
}

void arrow_indices_mapped(void *into, const void *indices, int width, int64_t count, const int64_t *map) {
    switch (width) {
    case 1: mapped1(into, indices, count, map); return;
    case 2: mapped2(into, indices, count, map); return;
    case 4: mapped4(into, indices, count, map); return;
    default: mapped8(into, indices, count, map);
    }
}
