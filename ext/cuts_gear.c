/* See cuts_gear.h. The hash of a place is the sum of a random number for each of the 64 bytes before it, each shifted
 * left once per byte since: its upper bits depend on all of them. A cell ends where the upper bits are zero, more of
 * them while the cell is short of the usual length than after it, so that most cells have about that length. */
#include "cuts_gear.h"

enum { WINDOW = 64, BITS_BEFORE = 20, BITS_AFTER = 16 }; /* around log2(CUTS_USUAL) = 18 */

static uint64_t gear[256];

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014), from 0. */
void cuts_prepare(void) {
    uint64_t state = 0;
    for (int i = 0; i < 256; i++) {
        uint64_t z = (state += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        gear[i] = z ^ (z >> 31);
    }
}

/* The first place after `start` and not after `end` whose hash has all bits of `mask` zero; 0 without one. */
static size_t search(const uint8_t *data, size_t start, size_t end, uint64_t mask, uint64_t *hash) {
    uint64_t h = *hash;
    for (size_t i = start; i < end; i++) {
        h = (h << 1) + gear[data[i]];
        if ((h & mask) == 0) return i + 1;
    }
    *hash = h;
    return 0;
}

static uint64_t upper_bits(unsigned count) { return ~(uint64_t)0 << (64 - count); }

size_t cuts_first(const uint8_t *data, size_t length) {
    size_t end = length < CUTS_MOST ? length : CUTS_MOST;
    size_t usual = end < CUTS_USUAL ? end : CUTS_USUAL, found;
    uint64_t hash = 0;
    if (end <= CUTS_LEAST) return end;
    for (size_t i = CUTS_LEAST - WINDOW; i < CUTS_LEAST; i++) hash = (hash << 1) + gear[data[i]];
    found = search(data, CUTS_LEAST, usual, upper_bits(BITS_BEFORE), &hash);
    if (found == 0) found = search(data, usual, end, upper_bits(BITS_AFTER), &hash);
    return found != 0 ? found : end;
}
