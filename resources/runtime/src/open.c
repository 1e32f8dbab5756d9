/* shoe_open: everything that a pack could lie about is checked here and in check.c, before any kernel runs. */
#include "coding.h"

enum { META, PLAN, TENSORS, REQUANT, WEIGHTS, TABLES, SECTIONS };
enum { HEADER_BYTES = 88, SECTION_AT = 12, PLAN_HEADER_BYTES = 12 };

typedef struct {
    const uint8_t *at;
    uint32_t bytes;
} section;

/* Sections lie behind each other, so that no byte is checked twice. */
static shoe_status read_sections(const uint8_t *pack, uint32_t total, section *sections) {
    uint32_t end = HEADER_BYTES;
    for (uint32_t i = 0; i < SECTIONS; ++i) {
        const uint8_t *entry = pack + SECTION_AT + i * 12;
        const uint32_t offset = shoe_u32(entry);
        const uint32_t bytes = shoe_u32(entry + 4);
        if (offset % 4 != 0 || offset < end || offset > total || bytes > total - offset) return SHOE_ERR_SECTION;
        if (shoe_crc32(0, pack + offset, bytes) != shoe_u32(entry + 8)) return SHOE_ERR_CRC;
        sections[i].at = pack + offset;
        sections[i].bytes = bytes;
        end = offset + bytes;
    }
    return SHOE_OK;
}

static shoe_status read_header(const uint8_t *pack, size_t length, section *sections) {
    if ((uintptr_t)pack % SHOE_PACK_ALIGN != 0) return SHOE_ERR_ALIGN;
    if (length < HEADER_BYTES) return SHOE_ERR_TRUNCATED;
    if (shoe_u32(pack) != 0x454f4853u) return SHOE_ERR_MAGIC; /* "SHOE" */
    const uint32_t version = shoe_u16(pack + 4);
    if (version < 1 || version > SHOE_VERSION || shoe_u16(pack + 6) != 0) return SHOE_ERR_VERSION;
    if (shoe_crc32(0, pack, HEADER_BYTES - 4) != shoe_u32(pack + HEADER_BYTES - 4)) return SHOE_ERR_CRC;
    const uint32_t total = shoe_u32(pack + 8);
    if (total < HEADER_BYTES) return SHOE_ERR_SECTION;
    if (total > length) return SHOE_ERR_TRUNCATED;
    return read_sections(pack, total, sections);
}

static shoe_status read_plan(shoe_model *model, const section *plan) {
    if (plan->bytes < PLAN_HEADER_BYTES) return SHOE_ERR_SECTION;
    model->plan = plan->at;
    model->plan_bytes = plan->bytes;
    model->tensor_count = shoe_u16(plan->at);
    model->op_count = shoe_u16(plan->at + 2);
    model->input_count = shoe_u16(plan->at + 4);
    model->output_count = shoe_u16(plan->at + 6);
    model->arena_bytes = shoe_u32(plan->at + 8);
    const uint32_t ports = (uint32_t)model->input_count + model->output_count;
    if ((ports + model->op_count) * 2 > plan->bytes - PLAN_HEADER_BYTES) return SHOE_ERR_SECTION;
    model->ops = plan->at + PLAN_HEADER_BYTES + ports * 2;
    return SHOE_OK;
}

static shoe_status read_tensors(shoe_model *model, const section *tensors) {
    const uint32_t records = (uint32_t)model->tensor_count * SHOE_TENSOR_BYTES;
    if (records > tensors->bytes) return SHOE_ERR_SECTION;
    model->tensors = tensors->at;
    model->dims = tensors->at + records;
    model->dim_count = (tensors->bytes - records) / 4;
    return SHOE_OK;
}

/* The count, then all multipliers, then all shifts. */
static shoe_status read_requant(shoe_model *model, const section *requant) {
    if (requant->bytes < 4) return SHOE_ERR_SECTION;
    const uint32_t count = shoe_u32(requant->at);
    if (count > (requant->bytes - 4) / 5) return SHOE_ERR_SECTION;
    model->requant_count = count;
    model->multipliers = requant->at + 4;
    model->shifts = (const int8_t *)(requant->at + 4 + (size_t)count * 4);
    for (uint32_t i = 0; i < count; ++i) {
        if (shoe_i32(model->multipliers + (size_t)i * 4) < 0) return SHOE_ERR_REQUANT;
        if (model->shifts[i] < -31 || model->shifts[i] > 30) return SHOE_ERR_REQUANT;
    }
    return SHOE_OK;
}

static shoe_status check_tensor(const shoe_model *model, uint16_t index) {
    const uint8_t *record = model->tensors + (size_t)index * SHOE_TENSOR_BYTES;
    const uint32_t rank = (record[0] >> 2) & 7u;
    const uint32_t first_dim = shoe_u16(record + 2);
    if (record[0] >> 5 >= SHOE_STORAGE_END || rank < 1 || rank > SHOE_MAX_RANK) return SHOE_ERR_TENSOR;
    if (first_dim + rank > model->dim_count) return SHOE_ERR_TENSOR;
    uint32_t elements = 1;
    for (uint32_t d = 0; d < rank; ++d) {
        const uint32_t dim = shoe_u32(model->dims + (size_t)(first_dim + d) * 4);
        if (dim < 1 || dim > SHOE_MAX_ELEMENTS / elements) return SHOE_ERR_TENSOR;
        elements *= dim;
    }
    shoe_view view;
    shoe_view_load(model, index, &view);
    if (view.storage != SHOE_PLAIN) {
        if (!view.constant) return SHOE_ERR_TENSOR;
        return SHOE_HAS_CODED && SHOE_HAS_STORAGE(view.storage) ? shoe_check_coding(model, &view) : SHOE_ERR_CODEC;
    }
    if (view.wide && (!view.constant || view.offset % 4 != 0 || elements > SHOE_MAX_ELEMENTS / 4)) return SHOE_ERR_TENSOR;
    const uint32_t bytes = shoe_view_bytes(&view);
    const uint32_t available = view.constant ? model->weights_bytes : model->arena_bytes;
    return view.offset > available || bytes > available - view.offset ? SHOE_ERR_TENSOR : SHOE_OK;
}

static shoe_status check_ports(const shoe_model *model) {
    const uint32_t ports = (uint32_t)model->input_count + model->output_count;
    for (uint32_t port = 0; port < ports; ++port) {
        const uint16_t index = shoe_u16(model->plan + PLAN_HEADER_BYTES + port * 2);
        if (index >= model->tensor_count) return SHOE_ERR_TENSOR;
        shoe_view view;
        shoe_view_load(model, index, &view);
        if (view.constant) return SHOE_ERR_TENSOR;
    }
    return SHOE_OK;
}

#if SHOE_HAS_RESIDENT
/* Resident weights are loaded one by one with their decoder before the first of them. */
static shoe_status check_resident(shoe_model *model) {
    uint32_t room = 0;
    model->resident_at = model->arena_bytes;
    for (uint16_t i = 0; i < model->tensor_count; ++i) {
        shoe_view view;
        shoe_coding coding;
        shoe_view_load(model, i, &view);
        if (view.storage != SHOE_RESIDENT) continue;
        shoe_coding_load(model, &view, &coding);
        const uint32_t needed = shoe_coding_room(&coding);
        if (needed == 0) return SHOE_ERR_CODEC;
        if (needed > room) room = needed;
        if (coding.resident_offset < model->resident_at) model->resident_at = coding.resident_offset;
    }
    return room <= model->resident_at ? SHOE_OK : SHOE_ERR_CODEC;
}
#else
static shoe_status check_resident(shoe_model *model) {
    model->resident_at = model->arena_bytes;
    return SHOE_OK;
}
#endif

static shoe_status check_model(shoe_model *model) {
    for (uint16_t i = 0; i < model->tensor_count; ++i) {
        const shoe_status status = check_tensor(model, i);
        if (status != SHOE_OK) return status;
    }
    const shoe_status ports = check_ports(model);
    if (ports != SHOE_OK) return ports;
    const shoe_status resident = check_resident(model);
    if (resident != SHOE_OK) return resident;
    for (uint16_t i = 0; i < model->op_count; ++i) {
        const shoe_status status = shoe_check_op(model, i);
        if (status != SHOE_OK) return status;
    }
    return SHOE_OK;
}

static shoe_status open_pack(shoe_model *model, const uint8_t *pack, size_t length) {
    section sections[SECTIONS];
    shoe_status status = read_header(pack, length, sections);
    if (status == SHOE_OK) status = read_plan(model, &sections[PLAN]);
    if (status == SHOE_OK) status = read_tensors(model, &sections[TENSORS]);
    if (status == SHOE_OK) status = read_requant(model, &sections[REQUANT]);
    if (status != SHOE_OK) return status;
    model->weights = sections[WEIGHTS].at;
    model->weights_bytes = sections[WEIGHTS].bytes;
    model->tables = sections[TABLES].at;
    model->tables_bytes = sections[TABLES].bytes;
    return check_model(model);
}

shoe_status shoe_open(shoe_model *model, const void *bytes, size_t length) {
    static const shoe_model empty = {0};
    if (!model) return SHOE_ERR_ARGUMENT;
    *model = empty;
    if (!bytes) return SHOE_ERR_ARGUMENT;
    const shoe_status status = open_pack(model, bytes, length);
    if (status != SHOE_OK) *model = empty;
    return status;
}
