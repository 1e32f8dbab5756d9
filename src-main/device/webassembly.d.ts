// The part of the WebAssembly interface that is used here: TypeScript declares it in its DOM library alone.
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  /** Opaque. */
  interface Module {
    readonly compiled: never
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  type Imports = Readonly<Record<string, Readonly<Record<string, (...args: never[]) => unknown>>>>
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
  function instantiate(bytes: Uint8Array<ArrayBuffer>, imports?: Imports): Promise<{ readonly instance: Instance }>
}
