// The example and the README, which differ between ecosystems in a few lines only.

import { elementsOf } from '../../ir/tensor.ts'
import { portTensor } from './api.ts'
import type { LibraryParts } from './library.ts'
import { macroName, plainText } from './names.ts'

/** Zeros in, the largest output of each port out. */
export function inference({ api }: LibraryParts): string {
  const { name, plan } = api
  const macro = macroName(name)
  const fill = plan.inputs.map(
    (_, i) => `    for (size_t i = 0; i < ${macro}_INPUT${i}_BYTES; ++i)
        ${name}_input(&model, ${i})[i] = ${name}_quantize(0.0f, ${macro}_INPUT${i}_SCALE, ${macro}_INPUT${i}_ZERO_POINT);`,
  )
  return `static ${name}_model model;
/* As uint32_t for alignment. */
static uint32_t arena[(${macro}_ARENA_BYTES + 3) / 4];

static shoe_status infer(void) {
${fill.join('\n')}
    return ${name}_run(&model);
}

/* Index of the largest element of output 0. */
static size_t largest(void) {
    const int8_t *out = ${name}_output(&model, 0);
    size_t best = 0;
    for (size_t i = 1; i < ${macro}_OUTPUT0_BYTES; ++i)
        if (out[i] > out[best]) best = i;
    return best;
}
`
}

export const exampleMain = (parts: LibraryParts): string => {
  const { name } = parts.api
  const macro = macroName(name)
  return `/* One inference of ${plainText(parts.api.origin.modelName)}. */
#include <stdio.h>

#include "${name}.h"

${inference(parts)}
int main(void) {
    shoe_status status = ${name}_init(&model, arena, sizeof arena);
    if (status == SHOE_OK) status = infer();
    if (status != SHOE_OK) {
        printf("error %d\\n", (int)status);
        return 1;
    }
    const size_t best = largest();
    const double value = (double)${name}_dequantize(${name}_output(&model, 0)[best], ${macro}_OUTPUT0_SCALE, ${macro}_OUTPUT0_ZERO_POINT);
    printf("%s: largest element %u, %f\\n", ${macro}_OUTPUT0_NAME, (unsigned)best, value);
    return 0;
}
`
}

export function readme(parts: LibraryParts, building: string): string {
  const { api, use } = parts
  const { name, plan, origin, pack } = api
  const port = (word: string) => (each: (typeof plan.inputs)[number], i: number) => {
    const tensor = portTensor(plan, each)
    const shape = each.shape.join(' x ') || '1'
    return `| ${word} ${i} | ${plainText(each.name)} | ${shape} | ${elementsOf(tensor.shape)} | ${tensor.scale} | ${tensor.zeroPoint} |`
  }
  const kept = use.modes.length === 0 ? 'plain int8' : `${use.codecs.join(', ')} (${use.modes.join(', ')})`
  return `# ${name}

${plainText(origin.modelName)} as a C99 library: no allocation, no operating system, no other library. Made by ${plainText(origin.producer)}.

| | name | shape | bytes | scale | zero point |
|---|---|---|---|---|---|
${[...plan.inputs.map(port('input')), ...plan.outputs.map(port('output'))].join('\n')}

- Flash of weights and plan: ${pack.length} bytes; weights are stored as ${kept}. The code comes on top; compile with
  \`-ffunction-sections\` and link with \`--gc-sections\`, so that nothing else is linked.
- RAM: an arena of ${plan.arenaBytes} bytes, given by the application, and about 1 kB of stack.
- Operators: ${use.kinds.join(', ')}.
- Model SHA-256 \`${origin.modelSha256}\`, pack SHA-256 \`${api.packSha256}\`.

An element q stands for scale * (q - zero point); elements lie row-major in the shape above, which is the model's own.
\`src/${name}.h\` is the whole interface:

\`\`\`c
${inference(parts)}\`\`\`

\`${name}_init\` checks the pack once (every length and offset, and its CRCs); after that no input can make the library touch memory
that is not its own. Link one library of this kind into a program: the runtime in \`src/shoe\` holds what this model uses.

${building}`
}
