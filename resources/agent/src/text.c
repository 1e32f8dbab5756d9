#include "text.h"

#include <string.h>

static void put(const char *text) {
    port_send((const uint8_t *)text, strlen(text));
}

static void put_ready(void) {
    put("m-ready\r\n");
}

void text_greet(void) {
    put("m-timestamp-mode-performance\r\nm-init-done\r\n");
    put_ready();
}

static bool is(const agent *self, const char *word) {
    size_t length = strlen(word);
    return self->decoder.text_length == length && memcmp(self->decoder.text, word, length) == 0;
}

void text_command(agent *self) {
    if (is(self, "name")) {
        put("m-name-dut-[shoehorn]\r\n");
    } else {
        put("e-[Unknown command: ");
        port_send((const uint8_t *)self->decoder.text, self->decoder.text_length);
        put("]\r\n");
    }
    put_ready();
}
