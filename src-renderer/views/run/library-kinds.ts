import type { LibraryFormat } from '../../../src-main/contract/export.ts'

/** Names of products: the same in every language. */
export const libraryKinds: readonly { readonly as: LibraryFormat; readonly title: string }[] = [
  { as: 'c', title: 'C' },
  { as: 'arduino', title: 'Arduino' },
  { as: 'zephyr', title: 'Zephyr' },
  { as: 'espidf', title: 'ESP-IDF' },
]
