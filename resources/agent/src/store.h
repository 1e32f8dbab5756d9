/* Places for packs: slot 0 is RAM at the end of the pool, the others are flash. A flash slot is a page with a header and
 * then the pack; the header is erased first and written last, so that a half-written slot is never taken for a model.
 * Functions return 0 or a DEVICE_ERROR_ code. */
#ifndef AGENT_STORE_H
#define AGENT_STORE_H

#include "port.h"

#define STORE_RAM_SLOT 0u
#define STORE_SLOTS_MAX (1u + PORT_FLASH_SLOTS_MAX)
/* Header, little-endian u32: magic, version, size, CRC-32 of the pack, sequence number, CRC-32 of the 20 bytes before. */
#define STORE_MAGIC 0x4c534853u /* "SHSL" */
#define STORE_VERSION 1u
#define STORE_HEADER_BYTES 24u

typedef struct {
    bool valid;
    uint32_t size;
    uint32_t crc;
    uint32_t sequence;
} store_slot;

typedef struct {
    bool active;
    uint8_t slot;
    uint32_t size;
    uint32_t crc;
    uint32_t received;
    /* Bytes of the flash slot erased so far. */
    uint32_t erased;
    uint8_t page[FLASH_PAGE_BYTES];
} store_upload;

typedef struct {
    const port_description *port;
    uint8_t count;
    store_slot slots[STORE_SLOTS_MAX];
    store_upload upload;
} store;

/* Finds the flash slots whose header is whole. Their packs' CRCs are not checked yet. */
void store_open(store *all, const port_description *port);

/* Largest pack the slot can take, bytes. */
uint32_t store_capacity(const store *all, uint8_t slot);

bool store_writable(const store *all, uint8_t slot);

/* First byte of the slot's pack, of `size` bytes for the RAM slot (which is aligned to the pool's end). */
uint8_t *store_ram_data(const store *all, uint32_t size);
const uint8_t *store_data(const store *all, uint8_t slot);

/* Checks the pack of a valid slot against its CRC; a slot that fails is no longer valid. */
bool store_check(store *all, uint8_t slot);

/* The valid flash slot written last, or 0 when there is none. */
uint8_t store_newest(const store *all);

uint8_t store_begin(store *all, uint8_t slot, uint32_t size, uint32_t crc, uint32_t *offset);

/* Takes bytes at `offset` when that is where the upload stands; drops them otherwise. */
uint8_t store_append(store *all, uint32_t offset, const uint8_t *data, size_t length);

/* Ends the upload: the whole pack is there and its CRC is right. The slot is not valid yet. */
uint8_t store_finish(store *all, uint8_t slot);

/* Makes the finished slot valid. */
uint8_t store_seal(store *all, uint8_t slot);

void store_forget(store *all, uint8_t slot);

#endif
