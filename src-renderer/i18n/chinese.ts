// All of the Chinese, in one part of the page that is loaded when somebody reads it.
export { errors } from '../../src-main/base/chinese/errors.ts'
export { chinese as sentences } from '../../src-main/base/chinese/index.ts'
export { zh as messages } from './zh/index.ts'
export { passes, presets } from './zh/passes.ts'
