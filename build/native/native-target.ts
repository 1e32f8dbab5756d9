/** One file that a compiler makes. Paths are relative to the repository root, so that a build does not depend on where it is. */
export interface NativeTarget {
  /** Key in resources/prebuilt/manifest.json. */
  readonly name: string
  /** File name in resources/prebuilt. */
  readonly output: string
  /** Every file that the result depends on, compiler aside. */
  readonly inputs: readonly string[]
  /** Run in order in the repository root. The last one makes `output(path)`. */
  readonly commands: (build: BuildPaths) => readonly (readonly string[])[]
  /** Prints the compiler's version on its first line. */
  readonly compilerVersion: readonly string[]
  /** Of an agent image: the build number it gives in its hello, as hexadecimal. */
  readonly agentBuild?: string
  /** Of an image for a microcontroller: the linker's map, and the sources in the order in which they were linked. */
  readonly linkMap?: (build: BuildPaths) => { readonly path: string; readonly sources: readonly string[] }
}

export interface BuildPaths {
  /** Where the result goes. */
  readonly output: string
  /** An empty folder for intermediate files. */
  readonly work: string
}
