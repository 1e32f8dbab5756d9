export { readShoe, type ShoePack } from './read.ts'
export { type PackSizes, packSizes } from './sizes.ts'
export { type WriteOptions, writeShoe } from './write.ts'
