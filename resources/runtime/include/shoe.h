/*
 * The Shoehorn runtime: runs a packed int8 network (.shoe, see SPEC.md) in memory that the caller owns.
 *
 * C99 without allocation, recursion, floating point or globals. A pack is checked once, by shoe_open(); after that no
 * function here reads outside the pack or touches memory outside the arena, whatever the pack says.
 *
 * Weights may be coded. SHOE_CODECS says which codecs are compiled in: bit n for codec n of codec.h, all by default. An
 * application whose models are known defines the ones they use, and the rest takes no flash.
 * Functions may be called for several models at once; one arena serves one run at a time.
 */
#ifndef SHOE_H
#define SHOE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Newest version of the format that this runtime reads; it reads all before. */
#define SHOE_VERSION 2

/* Alignment of the pack's first byte, bytes: 32-bit fields are read in place. */
#define SHOE_PACK_ALIGN 4

/* Alignment of the arena that gives full speed, bytes. Any alignment is safe. */
#define SHOE_ARENA_ALIGN 16

/* Negative values are errors, so that a count can be returned in the same place. */
typedef enum {
    SHOE_OK = 0,
    SHOE_ERR_ARGUMENT = -1,  /* a null pointer, or an index past the end */
    SHOE_ERR_ALIGN = -2,     /* the pack does not begin at a multiple of SHOE_PACK_ALIGN */
    SHOE_ERR_TRUNCATED = -3, /* fewer bytes than the header says */
    SHOE_ERR_MAGIC = -4,     /* not a .shoe pack */
    SHOE_ERR_VERSION = -5,   /* a version this runtime does not read */
    SHOE_ERR_CRC = -6,       /* the header or a section is damaged */
    SHOE_ERR_SECTION = -7,   /* a section is out of place, or too short for what it holds */
    SHOE_ERR_TENSOR = -8,    /* a tensor's type, shape or place is impossible */
    SHOE_ERR_OP = -9,        /* an operator's kind, tensors or parameters are impossible */
    SHOE_ERR_REQUANT = -10,  /* a fixed-point factor out of range, or a reference past the end */
    SHOE_ERR_ARENA = -11,    /* the arena is null or smaller than shoe_arena_bytes() */
    SHOE_ERR_CODEC = -12,    /* coded weights whose codec is unknown or left out, or whose header is impossible */
    SHOE_ERR_DECODE = -13    /* found while decoding: a table or payload is impossible */
} shoe_status;

/* An opened pack. Owned by the caller, filled by shoe_open(), not to be changed by others; needs no closing.
 * It points into the pack, which must stay where it is and unchanged for as long as the model is used. */
typedef struct {
    const uint8_t *plan;
    const uint8_t *ops;      /* uint16 offsets of the operator records within the plan, in units of 4 bytes */
    const uint8_t *tensors;  /* 12-byte records */
    const uint8_t *dims;     /* uint32 sizes */
    const uint8_t *multipliers;
    const int8_t *shifts;
    const uint8_t *weights;
    const uint8_t *tables;
    uint32_t plan_bytes;
    uint32_t requant_count;
    uint32_t weights_bytes;
    uint32_t tables_bytes;
    uint32_t dim_count;
    uint32_t arena_bytes;
    uint32_t resident_at; /* where resident weights begin in the arena; arena_bytes without any */
    uint16_t tensor_count;
    uint16_t op_count;
    uint16_t input_count;
    uint16_t output_count;
} shoe_model;

/* Checks the pack completely, in time linear in its length, and fills `model`.
 * bytes: the pack, aligned to SHOE_PACK_ALIGN, owned by the caller. length: bytes that may be read; more than the pack
 * needs is allowed. On an error `model` is zeroed and no other function accepts it. */
shoe_status shoe_open(shoe_model *model, const void *bytes, size_t length);

/* Bytes of arena that shoe_run() needs, resident weights included. 0 for a model that was not opened. */
uint32_t shoe_arena_bytes(const shoe_model *model);

/* Bytes at the end of the arena that hold resident weights; 0 for most models. */
uint32_t shoe_resident_bytes(const shoe_model *model);

/* Decodes resident weights to the end of the arena: once before the first run, and again after anything but this library has
 * written there. Inputs are written after it, not before. Nothing happens for a model without resident weights.
 * arena: at least shoe_arena_bytes() bytes. SHOE_ERR_DECODE: the model cannot run. */
shoe_status shoe_load(const shoe_model *model, void *arena, size_t arena_bytes);

uint16_t shoe_input_count(const shoe_model *model);
uint16_t shoe_output_count(const shoe_model *model);
uint16_t shoe_op_count(const shoe_model *model);
uint16_t shoe_tensor_count(const shoe_model *model);

/* Where the caller writes input `index` (int8, row-major, the quantisation stored in the pack) before a run; `*bytes` gets
 * its length. Null (and *bytes 0) when the index is past the end. bytes may be null.
 * A run may overwrite its inputs: write all of them before each run. */
int8_t *shoe_input(const shoe_model *model, uint16_t index, void *arena, uint32_t *bytes);

/* Where output `index` lies after a run; otherwise as shoe_input(). */
const int8_t *shoe_output(const shoe_model *model, uint16_t index, const void *arena, uint32_t *bytes);

/* Any tensor's bytes, in the arena or in the pack. What an arena tensor holds is its value only between the operator that
 * makes it and the last one that reads it, since tensors share memory. Null when the index is past the end, and for weights
 * that are only there in coded form. */
const void *shoe_tensor(const shoe_model *model, uint16_t index, const void *arena, uint32_t *bytes);

/* Runs all operators in order. arena: at least shoe_arena_bytes() bytes, owned by the caller, inputs already written.
 * SHOE_ERR_ARENA: nothing was written. SHOE_ERR_DECODE: coded weights are damaged; what the arena holds is unspecified. */
shoe_status shoe_run(const shoe_model *model, void *arena, size_t arena_bytes);

/* Runs operator `op` alone, for timing each: calling it for 0 .. shoe_op_count() - 1 in order is shoe_run().
 * arena: at least shoe_arena_bytes() bytes. */
shoe_status shoe_run_op(const shoe_model *model, void *arena, uint16_t op);

/* CRC-32 (IEEE 802.3, as zlib) of `length` bytes, going on from `previous` (0 to begin). */
uint32_t shoe_crc32(uint32_t previous, const void *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
