#include "store.h"

#include <string.h>

#include "shoe.h"
#include "protocol.h"

static const port_flash_slot *flash_slot(const store *all, uint8_t slot) {
    return &all->port->flash_slots[slot - 1u];
}

static uint32_t field(const uint8_t *header, unsigned index) {
    const uint8_t *at = header + 4u * index;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_field(uint8_t *header, unsigned index, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) header[4u * index + i] = (uint8_t)(value >> (8 * i));
}

static store_slot read_header(const port_flash_slot *flash) {
    store_slot slot = {false, field(flash->base, 2), field(flash->base, 3), field(flash->base, 4)};
    slot.valid = field(flash->base, 0) == STORE_MAGIC && field(flash->base, 1) == STORE_VERSION &&
                 field(flash->base, 5) == shoe_crc32(0, flash->base, STORE_HEADER_BYTES - 4u) &&
                 slot.size <= flash->bytes - FLASH_PAGE_BYTES;
    return slot;
}

void store_open(store *all, const port_description *port) {
    memset(all, 0, sizeof *all);
    all->port = port;
    all->count = (uint8_t)(1u + port->flash_slot_count);
    for (uint8_t slot = 1; slot < all->count; slot++) all->slots[slot] = read_header(flash_slot(all, slot));
}

uint32_t store_capacity(const store *all, uint8_t slot) {
    return slot == STORE_RAM_SLOT ? all->port->pool_bytes : flash_slot(all, slot)->bytes - FLASH_PAGE_BYTES;
}

bool store_writable(const store *all, uint8_t slot) {
    return slot == STORE_RAM_SLOT || flash_slot(all, slot)->writable;
}

uint8_t *store_ram_data(const store *all, uint32_t size) {
    return all->port->pool + ((all->port->pool_bytes - size) & ~15u);
}

const uint8_t *store_data(const store *all, uint8_t slot) {
    if (slot == STORE_RAM_SLOT) return store_ram_data(all, all->slots[STORE_RAM_SLOT].size);
    return flash_slot(all, slot)->base + FLASH_PAGE_BYTES;
}

bool store_check(store *all, uint8_t slot) {
    store_slot *state = &all->slots[slot];
    state->valid = state->valid && shoe_crc32(0, store_data(all, slot), state->size) == state->crc;
    return state->valid;
}

uint8_t store_newest(const store *all) {
    uint8_t newest = STORE_RAM_SLOT;
    for (uint8_t slot = 1; slot < all->count; slot++) {
        const store_slot *state = &all->slots[slot];
        if (state->valid && (newest == STORE_RAM_SLOT || state->sequence > all->slots[newest].sequence)) newest = slot;
    }
    return newest;
}

/* Erases sectors until the slot is blank up to `end`. */
static uint8_t erase_until(store *all, uint32_t end) {
    const port_flash_slot *flash = flash_slot(all, all->upload.slot);
    while (all->upload.erased < end) {
        if (!port_flash_erase(flash->base + all->upload.erased)) return DEVICE_ERROR_FLASH_FAILED;
        all->upload.erased += flash->sector_bytes;
    }
    return 0;
}

uint8_t store_begin(store *all, uint8_t slot, uint32_t size, uint32_t crc, uint32_t *offset) {
    store_upload *upload = &all->upload;
    const store_slot *state = &all->slots[slot];
    *offset = 0;
    if (size == 0) return DEVICE_ERROR_BAD_PAYLOAD;
    if (size > store_capacity(all, slot)) return DEVICE_ERROR_TOO_LARGE;
    bool same = upload->active && upload->slot == slot && upload->size == size && upload->crc == crc;
    if (!same && state->valid && state->size == size && state->crc == crc) {
        /* It is there already: nothing to send, commit checks and opens it. */
        upload->active = false;
        *offset = size;
        return 0;
    }
    if (!store_writable(all, slot)) return DEVICE_ERROR_NOT_WRITABLE;
    if (!same) {
        store_forget(all, slot);
        upload->active = true;
        upload->slot = slot;
        upload->size = size;
        upload->crc = crc;
        upload->received = 0;
        upload->erased = 0;
        if (slot != STORE_RAM_SLOT && erase_until(all, FLASH_PAGE_BYTES) != 0) {
            upload->active = false;
            return DEVICE_ERROR_FLASH_FAILED;
        }
    }
    *offset = upload->received;
    return 0;
}

/* Programs the page that ends before `received`; a short last page keeps 0xff behind its end. */
static uint8_t flush_page(store *all) {
    store_upload *upload = &all->upload;
    uint32_t filled = upload->received % FLASH_PAGE_BYTES;
    uint32_t start = upload->received - (filled == 0 ? FLASH_PAGE_BYTES : filled);
    uint32_t at = FLASH_PAGE_BYTES + start;
    uint8_t error = erase_until(all, at + FLASH_PAGE_BYTES);
    if (error != 0) return error;
    if (filled != 0) memset(upload->page + filled, 0xff, FLASH_PAGE_BYTES - filled);
    const uint8_t *to = flash_slot(all, upload->slot)->base + at;
    return port_flash_program(to, upload->page) ? 0 : DEVICE_ERROR_FLASH_FAILED;
}

static uint8_t append_flash(store *all, const uint8_t *data, size_t length) {
    store_upload *upload = &all->upload;
    for (size_t i = 0; i < length; i++) {
        upload->page[upload->received % FLASH_PAGE_BYTES] = data[i];
        upload->received++;
        if (upload->received % FLASH_PAGE_BYTES == 0) {
            uint8_t error = flush_page(all);
            if (error != 0) return error;
        }
    }
    return 0;
}

uint8_t store_append(store *all, uint32_t offset, const uint8_t *data, size_t length) {
    store_upload *upload = &all->upload;
    if (!upload->active) return DEVICE_ERROR_NOT_BEGUN;
    if (offset != upload->received) return 0;
    if (length > upload->size - upload->received) return DEVICE_ERROR_BAD_RANGE;
    if (upload->slot != STORE_RAM_SLOT) {
        uint8_t error = append_flash(all, data, length);
        if (error != 0) upload->active = false;
        return error;
    }
    memcpy(store_ram_data(all, upload->size) + upload->received, data, length);
    upload->received += (uint32_t)length;
    return 0;
}

uint8_t store_finish(store *all, uint8_t slot) {
    store_upload *upload = &all->upload;
    if (!upload->active || upload->slot != slot) return DEVICE_ERROR_NOT_BEGUN;
    if (upload->received != upload->size) return DEVICE_ERROR_CRC_MISMATCH;
    if (slot != STORE_RAM_SLOT && upload->received % FLASH_PAGE_BYTES != 0) {
        uint8_t error = flush_page(all);
        if (error != 0) return error;
    }
    upload->active = false;
    store_slot state = {false, upload->size, upload->crc, 0};
    all->slots[slot] = state;
    if (shoe_crc32(0, store_data(all, slot), state.size) != state.crc) return DEVICE_ERROR_CRC_MISMATCH;
    return 0;
}

uint8_t store_seal(store *all, uint8_t slot) {
    store_slot *state = &all->slots[slot];
    if (slot != STORE_RAM_SLOT) {
        uint8_t *page = all->upload.page;
        uint8_t newest = store_newest(all);
        state->sequence = newest == STORE_RAM_SLOT ? 1u : all->slots[newest].sequence + 1u;
        memset(page, 0xff, FLASH_PAGE_BYTES);
        put_field(page, 0, STORE_MAGIC);
        put_field(page, 1, STORE_VERSION);
        put_field(page, 2, state->size);
        put_field(page, 3, state->crc);
        put_field(page, 4, state->sequence);
        put_field(page, 5, shoe_crc32(0, page, STORE_HEADER_BYTES - 4u));
        if (!port_flash_program(flash_slot(all, slot)->base, page)) return DEVICE_ERROR_FLASH_FAILED;
    }
    state->valid = true;
    return 0;
}

void store_forget(store *all, uint8_t slot) {
    all->slots[slot].valid = false;
}
