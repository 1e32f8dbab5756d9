// An object that refuses whatever the double does not implement, so that new uses of Electron are noticed.

/** Asked for by the language itself (await, printing), not by a user of the API. */
const asked = new Set<PropertyKey>(['then', 'toJSON', 'constructor', 'prototype', 'length', 'name'])

export function strict<T extends object>(name: string, implemented: T): T {
  return new Proxy(implemented, {
    get(target, key, receiver) {
      if (key in target || typeof key === 'symbol' || asked.has(key)) {
        const value: unknown = Reflect.get(target, key, receiver)
        return value
      }
      throw new Error(`the Electron double does not implement ${name}.${String(key)}`)
    },
    set(_target, key) {
      throw new Error(`the Electron double does not let ${name}.${String(key)} be set`)
    },
  })
}
