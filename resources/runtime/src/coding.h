/* Coded constants: what a tensor's block in WEIGHTS says (SPEC.md, "Coded constants"). */
#ifndef SHOE_CODING_H
#define SHOE_CODING_H

#include "codec.h"
#include "model.h"

/* One coded constant. */
typedef struct {
    shoe_coded_t coded;
    uint32_t resident_offset; /* in the arena; 0 unless resident */
    uint32_t codec;
    uint8_t channel_major; /* coded with the last dimension first: depthwise filters one after the other */
} shoe_coding;

/* view: a coded constant, checked by shoe_check_coding() */
void shoe_coding_load(const shoe_model *model, const shoe_view *view, shoe_coding *coding);

/* Whether the block lies within its sections, and its codec can be asked to decode it. */
shoe_status shoe_check_coding(const shoe_model *model, const shoe_view *view);

/* Bytes that decoding rows needs before it can store any: the decoder's state, and a row where rows are not stored as they
 * are coded. Includes what aligning may cost; 0 when the codec refuses. */
uint32_t shoe_coding_room(const shoe_coding *coding);

/* Where a tensor's int8 or int32 elements lie; null for weights that are only there coded. */
const int8_t *shoe_view_data(const shoe_model *model, const uint8_t *arena, const shoe_view *view);

/* Reads rows of a coding one after the other. */
typedef struct {
    void *state;
    int8_t *row; /* for one row, where rows are not stored as they are coded */
    uint32_t row_elements;
    uint8_t channel_major;
} shoe_row_reader;

/* room: of shoe_coding_room() bytes, touched by nobody else while rows are read. */
shoe_status shoe_rows_open(shoe_row_reader *reader, const shoe_coding *coding, uint8_t *room);

/* The next `count` rows; channel-major ones become [row element, count]. */
shoe_status shoe_rows_read(shoe_row_reader *reader, int8_t *out, uint32_t count);

#endif
