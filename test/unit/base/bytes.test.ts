import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../src-main/base/bytes.ts'

test('a writer that grows within a value loses nothing', () => {
  const writer = new ByteWriter(1)
  writer.u8(1).u16(0x203).u32(0x4050607).u64(0x8090a0b0c0d0e0fn).i8(-1).i16(-2).i32(-3).i64(-4n).f32(0.5).f64(0.25)
  const reader = new ByteReader(writer.finish(), () => {
    throw new Error('overrun')
  })
  expect([
    [reader.u8(), reader.u16(), reader.u32(), reader.u64()],
    [reader.i8(), reader.i16(), reader.i32(), reader.i64(), reader.f32(), reader.f64()],
  ]).toEqual([
    [1, 0x203, 0x4050607, 0x8090a0b0c0d0e0fn],
    [-1, -2, -3, -4n, 0.5, 0.25],
  ])
})
