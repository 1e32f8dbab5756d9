import { describe, expect, test } from 'vitest'
import { codeSplit } from '../../../build/native/code-split.ts'

const sources = [
  'resources/agent/src/agent.c',
  'resources/agent/ports/cortex-m/startup.c',
  'resources/runtime/src/codec_rans.c',
  'resources/runtime/src/conv.c',
]

const map = `Discarded input sections

 .text.unused   0x00000000      0x400 /tmp/a.o

Linker script and memory map

LOAD /tmp/a.o
LOAD /tmp/b.o
LOAD /tmp/c.o
LOAD /tmp/d.o
LOAD /usr/lib/libgcc.a

.text           0x08000000      0x330
 .vectors       0x08000000       0x40 /tmp/b.o
 .text.handle_hello_with_a_long_name
                0x08000040      0x100 /tmp/a.o
                0x08000040                handle_hello_with_a_long_name
 .text.shoe_rans_read
                0x08000140       0x80 /tmp/c.o
 .text.conv     0x080001c0      0x120 /tmp/d.o
 *fill*         0x080002e0       0x10
 .text.div      0x080002f0       0x40 /usr/lib/libgcc.a(div.o)

.data           0x20000000       0x10 load address 0x08000330
 .data.table    0x20000000       0x10 /tmp/d.o

.bss            0x20000010      0x200
 .bss.buffer    0x20000010      0x200 /tmp/a.o
                0x00000340                linker_flash_bytes = ((LOADADDR (.data) + SIZEOF (.data)) - linker_flash_start)
`

describe('code split', () => {
  test('sections go to the part of their source; what is discarded or in RAM alone does not count', () => {
    expect(codeSplit(map, sources)).toEqual({
      kernelsBytes: 0x130,
      decodersBytes: 0x80,
      protocolBytes: 0x100,
      // Vectors, filling, the compiler's library.
      boardBytes: 0x40 + 0x10 + 0x40,
    })
  })

  test('a map of other objects is refused', () => {
    expect(() => codeSplit(map, sources.slice(1))).toThrow('4 objects for 3 sources')
  })

  test('a map without the total is refused', () => {
    expect(() => codeSplit(map.replace('linker_flash_bytes', 'other'), sources)).toThrow('linker_flash_bytes')
  })
})
