// The library's own C: the header that an application includes, the few functions behind it, and the pack as an array.
import { Bug } from '../../base/errors.ts'
import { elementsOf } from '../../ir/tensor.ts'
import type { PackOrigin, Plan, PlanPort, PlanTensor } from '../plan.ts'
import { cFloat, cString, macroName, plainText } from './names.ts'

export interface ApiInput {
  readonly name: string
  readonly plan: Plan
  readonly origin: PackOrigin
  readonly pack: Uint8Array
  readonly packSha256: string
}

/** Alignment of the pack and of the arena, as shoe.h says. */
const arenaAlign = 16

export const portTensor = (plan: Plan, port: PlanPort): PlanTensor =>
  plan.tensors[port.tensor] ??
  (() => {
    throw new Bug(`there is no tensor ${port.tensor}`)
  })()

const madeBy = ({ origin }: ApiInput) => `Made by ${plainText(origin.producer)}. Do not edit.`

export function apiHeader(input: ApiInput): string {
  const { name, plan, pack } = input
  const macro = macroName(name)
  return `/*
 * ${plainText(input.origin.modelName)}: an int8 neural network for microcontrollers. ${madeBy(input)}
 * Model SHA-256 ${input.origin.modelSha256}
 * Pack SHA-256 ${input.packSha256}
 *
 *     static ${name}_model model;
 *     static uint8_t arena[${macro}_ARENA_BYTES];        (alignment ${arenaAlign} gives full speed, any is safe)
 *     ${name}_init(&model, arena, sizeof arena);   once; SHOE_OK is 0
 *     fill ${name}_input(&model, 0);               before every run, a run may overwrite its inputs
 *     ${name}_run(&model);
 *     read ${name}_output(&model, 0);
 *
 * real value = SCALE * (element - ZERO_POINT). C99; no allocation, no floating point in the library but the two conversions here.
 */
#ifndef ${macro}_H
#define ${macro}_H

#include "shoe/shoe.h"

#ifdef __cplusplus
extern "C" {
#endif

/* RAM that the application gives to the library, bytes. */
#define ${macro}_ARENA_BYTES ${Math.max(1, plan.arenaBytes)}u
/* Flash of the weights and the plan, bytes; the code comes on top. */
#define ${macro}_PACK_BYTES ${pack.length}u
#define ${macro}_OPERATORS ${plan.ops.length}u

${portMacros(macro, 'INPUT', plan, plan.inputs)}
${portMacros(macro, 'OUTPUT', plan, plan.outputs)}
/* Owned by the application; filled by ${name}_init(). */
typedef struct {
    shoe_model shoe;
    void *arena;
    size_t arena_bytes;
} ${name}_model;

/* Checks the pack and prepares the model. arena: at least ${macro}_ARENA_BYTES bytes, used by nothing else while the model is.
 * Anything but SHOE_OK: the model must not be run. */
shoe_status ${name}_init(${name}_model *model, void *arena, size_t arena_bytes);

/* Where the application writes input \`index\` before each run; null past the end. */
int8_t *${name}_input(const ${name}_model *model, uint16_t index);

/* Where output \`index\` lies after a run; null past the end. */
const int8_t *${name}_output(const ${name}_model *model, uint16_t index);

/* One inference. */
shoe_status ${name}_run(const ${name}_model *model);

/* The nearest int8 to a real value, saturated, halves away from zero; and back. */
static inline int8_t ${name}_quantize(float value, float scale, int zero_point) {
    const float steps = value / scale;
    const float rounded = steps < 0 ? steps - 0.5f : steps + 0.5f;
    if (!(rounded > -256.0f)) return (int8_t)-128;
    if (rounded > 512.0f) return (int8_t)127;
    const int element = (int)rounded + zero_point;
    return (int8_t)(element < -128 ? -128 : element > 127 ? 127 : element);
}

static inline float ${name}_dequantize(int8_t element, float scale, int zero_point) {
    return scale * (float)(element - zero_point);
}

#ifdef __cplusplus
}
#endif

#endif
`
}

function portMacros(macro: string, word: 'INPUT' | 'OUTPUT', plan: Plan, ports: readonly PlanPort[]): string {
  const lines = ports.flatMap((port, i) => {
    const tensor = portTensor(plan, port)
    const at = `${macro}_${word}${i}`
    return [
      `#define ${at}_NAME ${cString(port.name)}`,
      `#define ${at}_BYTES ${elementsOf(tensor.shape)}u`,
      `#define ${at}_RANK ${port.shape.length}u`,
      `#define ${at}_SHAPE {${port.shape.length === 0 ? 1 : port.shape.join(', ')}}`,
      `#define ${at}_SCALE ${cFloat(tensor.scale)}`,
      `#define ${at}_ZERO_POINT (${tensor.zeroPoint})`,
    ]
  })
  return [`#define ${macro}_${word}S ${ports.length}u`, ...lines, ''].join('\n')
}

export function apiSource(input: ApiInput, resident: boolean): string {
  const { name } = input
  const load = resident ? '    if (status == SHOE_OK) status = shoe_load(&model->shoe, arena, arena_bytes);\n' : ''
  return `/* ${madeBy(input)} */
#include "${name}.h"

#include "${name}_pack.h"

shoe_status ${name}_init(${name}_model *model, void *arena, size_t arena_bytes) {
    if (!model) return SHOE_ERR_ARGUMENT;
    model->arena = NULL;
    model->arena_bytes = 0;
    ${load ? '' : 'const '}shoe_status status = shoe_open(&model->shoe, ${name}_pack, ${macroName(name)}_PACK_BYTES);
    if (status != SHOE_OK) return status;
    if (!arena || arena_bytes < shoe_arena_bytes(&model->shoe)) return SHOE_ERR_ARENA;
${load}${load ? '    if (status != SHOE_OK) return status;\n' : ''}    model->arena = arena;
    model->arena_bytes = arena_bytes;
    return SHOE_OK;
}

int8_t *${name}_input(const ${name}_model *model, uint16_t index) {
    return shoe_input(&model->shoe, index, model->arena, NULL);
}

const int8_t *${name}_output(const ${name}_model *model, uint16_t index) {
    return shoe_output(&model->shoe, index, model->arena, NULL);
}

shoe_status ${name}_run(const ${name}_model *model) {
    return shoe_run(&model->shoe, model->arena, model->arena_bytes);
}
`
}

const wordsPerLine = 10
const packWords = (pack: Uint8Array) => Math.ceil(pack.length / 4)

export const packHeader = (input: ApiInput) => `/* ${madeBy(input)} */
#ifndef ${macroName(input.name)}_PACK_H
#define ${macroName(input.name)}_PACK_H

#include <stdint.h>

extern const uint32_t ${input.name}_pack[${packWords(input.pack)}];

#endif
`

/** Words and not bytes, so that every C99 compiler aligns them; the pack is little-endian. */
export function packSource(input: ApiInput): string {
  const { name, pack } = input
  const padded = new Uint8Array(packWords(pack) * 4)
  padded.set(pack)
  const view = new DataView(padded.buffer)
  const lines: string[] = []
  for (let at = 0; at < padded.length; at += 4 * wordsPerLine) {
    const words: string[] = []
    for (let word = at; word < Math.min(at + 4 * wordsPerLine, padded.length); word += 4)
      words.push(`0x${view.getUint32(word, true).toString(16).padStart(8, '0')}`)
    lines.push(`    ${words.join(',')},`)
  }
  return `/* ${madeBy(input)} */
#include "${name}_pack.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The pack is little-endian."
#endif

const uint32_t ${name}_pack[${packWords(pack)}] = {
${lines.join('\n')}
};
`
}
