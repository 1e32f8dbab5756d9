#include "text.h"

#include <string.h>

#define DEFAULT_WARMUP 10u
#define BUFFER_BYTES_A_LINE 8u
/* As in the reference implementation: 96 x 96 x 3. */
#define LOAD_BYTES_MAX 27648u

static void put(const char *text) {
    port_send((const uint8_t *)text, strlen(text));
}

static void put_line(const char *text) {
    put(text);
    put("\r\n");
}

static void put_char(char character) {
    port_send((const uint8_t *)&character, 1);
}

static void put_number(uint64_t value) {
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + (int)(value % 10u));
        value /= 10u;
    } while (value > 0);
    while (count > 0) put_char(digits[--count]);
}

static void put_hex(uint8_t byte) {
    static const char digits[] = "0123456789abcdef";
    put_char(digits[byte >> 4]);
    put_char(digits[byte & 15]);
}

/* scale * steps with three decimals, rounded half away from zero. A scale is a normal number far below 2^20. */
static void put_real(uint32_t scale_bits, int32_t steps) {
    uint64_t mantissa = (scale_bits & 0x7fffffu) | 0x800000u;
    int32_t exponent = (int32_t)(scale_bits >> 23 & 0xffu) - 150;
    uint64_t thousandths = mantissa * (uint64_t)(steps < 0 ? -steps : steps) * 1000u;
    if (exponent >= 0)
        thousandths <<= exponent < 20 ? exponent : 20;
    else if (exponent > -63)
        thousandths = (thousandths + ((uint64_t)1 << (-exponent - 1))) >> -exponent;
    else
        thousandths = 0;
    if (steps < 0 && thousandths > 0) put_char('-');
    put_number(thousandths / 1000u);
    put_char('.');
    for (uint64_t digit = 100; digit > 0; digit /= 10u) put_char((char)('0' + (int)(thousandths / digit % 10u)));
}

static void put_lap(const agent *self) {
    uint64_t cycles = port_cycles();
    uint32_t hz = self->port->clock_hz;
    put("m-lap-us-");
    put_number(cycles / hz * 1000000u + cycles % hz * 1000000u / hz);
    put("\r\n");
}

void text_greet(void) {
    put("m-timestamp-mode-performance\r\nm-init-done\r\nm-ready\r\n");
}

/* The rest of the command, word by word. */
typedef struct {
    const char *at;
    const char *end;
} words;

static words next_word(words *rest) {
    words word = {rest->at, rest->at};
    while (word.end < rest->end && *word.end != ' ') word.end++;
    rest->at = word.end < rest->end ? word.end + 1 : word.end;
    return word;
}

static bool is(words word, const char *name) {
    size_t length = strlen(name);
    return (size_t)(word.end - word.at) == length && memcmp(word.at, name, length) == 0;
}

static bool is_empty(words word) {
    return word.at == word.end;
}

/* As C's atoi: digits up to the first other character; stops growing at 2^32 - 1. */
static uint32_t number(words word) {
    uint64_t value = 0;
    for (; word.at < word.end && *word.at >= '0' && *word.at <= '9'; word.at++) {
        value = value * 10u + (uint64_t)(*word.at - '0');
        if (value > UINT32_MAX) value = UINT32_MAX;
    }
    return (uint32_t)value;
}

/* Benchmarks of MLPerf Tiny by the sizes of their input and output. */
static const struct {
    uint32_t input_bytes;
    uint32_t output_bytes;
    const char *id;
} benchmarks[] = {{490, 12, "kws01"}, {27648, 2, "vww01"}, {640, 640, "ad01"}, {3072, 10, "ic01"}};

static const char *benchmark(const agent *self) {
    uint32_t input = 0;
    uint32_t output = 0;
    if (!self->model.open) return "none";
    (void)model_input(&self->model, 0, &input);
    (void)model_output(&self->model, 0, &output);
    for (size_t i = 0; i < sizeof benchmarks / sizeof benchmarks[0]; i++)
        if (benchmarks[i].input_bytes == input && benchmarks[i].output_bytes == output) return benchmarks[i].id;
    return "shoehorn";
}

static void do_profile(const agent *self) {
    put_line("m-profile-[ULPMark for tinyML Firmware V0.0.1]");
    put("m-model-[");
    put(benchmark(self));
    put_line("]");
}

static void do_help(void) {
    put_line("Shoehorn agent, MLPerf Tiny commands");
    put_line("help         : Print this information");
    put_line("name         : Print the name of the device");
    put_line("profile      : Print the benchmark profile and model");
    put_line("timestamp    : Print the time in microseconds");
    put_line("db SUBCMD    : load N, HEX, print: the input of the model");
    put_line("infer N [W]  : Run N inferences after W for warm-up (10)");
    put_line("results      : Print the outputs of the last inference");
}

static void do_results(const agent *self) {
    uint32_t length = 0;
    const uint8_t *output = self->model.open ? model_output(&self->model, 0, &length) : NULL;
    if (output == NULL) {
        put_line("e-[No model]");
        return;
    }
    model_quant quant = model_output_quant(&self->model, 0);
    put("m-results-[");
    for (uint32_t i = 0; i < length; i++) {
        int32_t value = output[i] < 128 ? output[i] : output[i] - 256;
        if (i > 0) put_char(',');
        put_real(quant.scale_bits, value - quant.zero);
    }
    put_line("]");
}

static bool run_times(agent *self, uint32_t times) {
    for (uint32_t i = 0; i < times; i++) {
        model_restore(&self->model);
        if (model_run(&self->model) != 0) return false;
    }
    return true;
}

static void do_infer(agent *self, words rest) {
    uint32_t runs = number(next_word(&rest));
    words warmup_word = next_word(&rest);
    uint32_t warmup = is_empty(warmup_word) ? DEFAULT_WARMUP : number(warmup_word);
    if (runs == 0) {
        put_line("e-[Inference iterations must be >0]");
        return;
    }
    if (!self->model.open) {
        put_line("e-[No model]");
        return;
    }
    put("m-warmup-start-");
    put_number(warmup);
    put("\r\n");
    bool done = run_times(self, warmup);
    put_line("m-warmup-done");
    put("m-infer-start-");
    put_number(runs);
    put("\r\n");
    put_lap(self);
    done = done && run_times(self, runs);
    put_lap(self);
    put_line("m-infer-done");
    if (done)
        do_results(self);
    else
        put_line("e-[The runtime stopped with an error]");
}

static int hex_digit(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    return -1;
}

static void do_db_load(agent *self, words rest) {
    words count = next_word(&rest);
    uint32_t length = 0;
    if (is_empty(count)) {
        put_line("e-[Command 'db load' requires the # of bytes]");
        return;
    }
    if (self->model.open) (void)model_input(&self->model, 0, &length);
    if (length > LOAD_BYTES_MAX) length = LOAD_BYTES_MAX;
    uint32_t expected = number(count);
    if (expected == 0) {
        put_line("e-[Command 'db load' must be >0 bytes]");
    } else if (expected > length) {
        put("e-[The input takes ");
        put_number(length);
        put_line(" bytes]");
    } else {
        self->text_expected = expected;
        self->text_loaded = 0;
        put("m-[Expecting ");
        put_number(expected);
        put_line(" bytes]");
    }
}

static void do_db_hex(agent *self, words digits) {
    uint32_t length;
    uint8_t *input = self->model.open ? model_input(&self->model, 0, &length) : NULL;
    if ((digits.end - digits.at) % 2 != 0) {
        put_line("e-[Insufficent number of hex digits]");
        return;
    }
    for (; digits.at < digits.end; digits.at += 2) {
        int high = hex_digit(digits.at[0]);
        int low = hex_digit(digits.at[1]);
        if (high < 0 || low < 0) {
            put("e-[Invalid hex digit '");
            port_send((const uint8_t *)digits.at, 2);
            put_line("']");
            return;
        }
        if (input == NULL || self->text_loaded >= self->text_expected) continue;
        input[self->text_loaded++] = (uint8_t)(high << 4 | low);
        self->model.operators_run = MODEL_ARENA_UNKNOWN;
        if (self->text_loaded == self->text_expected) put_line("m-load-done");
    }
}

static void do_db_print(const agent *self) {
    uint32_t length;
    const uint8_t *input = self->model.open ? model_input(&self->model, 0, &length) : NULL;
    for (uint32_t i = 0; input != NULL && i < self->text_expected; i++) {
        put(i % BUFFER_BYTES_A_LINE == 0 ? "m-buffer-" : "-");
        put_hex(input[i]);
        if (i % BUFFER_BYTES_A_LINE == BUFFER_BYTES_A_LINE - 1u || i + 1u == self->text_expected) put("\r\n");
    }
}

static void do_db(agent *self, words rest) {
    words command = next_word(&rest);
    if (is_empty(command))
        put_line("e-[Command 'db' requires a subcommand]");
    else if (is(command, "load"))
        do_db_load(self, rest);
    else if (is(command, "print"))
        do_db_print(self);
    else
        do_db_hex(self, command);
}

void text_command(agent *self) {
    words rest = {self->decoder.text, self->decoder.text + self->decoder.text_length};
    words all = rest;
    words command = next_word(&rest);
    if (is(command, "name")) {
        put_line("m-name-dut-[shoehorn]");
    } else if (is(command, "profile")) {
        do_profile(self);
    } else if (is(command, "timestamp")) {
        put_lap(self);
    } else if (is(command, "help")) {
        do_help();
    } else if (is(command, "db")) {
        do_db(self, rest);
    } else if (is(command, "infer")) {
        do_infer(self, rest);
    } else if (is(command, "results")) {
        do_results(self);
    } else {
        put("e-[Unknown command: ");
        port_send((const uint8_t *)all.at, (size_t)(all.end - all.at));
        put_line("]");
    }
    put_line("m-ready");
}
