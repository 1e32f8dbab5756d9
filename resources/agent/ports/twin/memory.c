/* The C library's memory functions, which a module without a C library must bring along. */
#include <stdint.h>
#include <string.h>

/* With bulk memory these become one instruction. */
void *memcpy(void *restrict to, const void *restrict from, size_t length) {
    return __builtin_memcpy(to, from, length);
}

void *memmove(void *to, const void *from, size_t length) {
    return __builtin_memmove(to, from, length);
}

void *memset(void *to, int value, size_t length) {
    return __builtin_memset(to, value, length);
}

int memcmp(const void *a, const void *b, size_t length) {
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < length; i++)
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != '\0') length++;
    return length;
}
