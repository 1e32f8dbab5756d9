// The part of the WebAssembly interface that is used here: TypeScript declares it in its DOM library alone.
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  type Imports = Readonly<Record<string, Readonly<Record<string, (...args: never[]) => unknown>>>>
  function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: Imports): Promise<{ readonly instance: Instance }>
}
