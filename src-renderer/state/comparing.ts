import type { RunId } from '../../src-main/contract/ids.ts'

/** Runs that another screen asks the Bench to put side by side. */
export class Comparing {
  #asked: { readonly project: string; readonly runs: readonly RunId[] } | null = null

  ask(project: string, runs: readonly RunId[]): void {
    this.#asked = { project, runs }
  }

  take(project: string): readonly RunId[] {
    const asked = this.#asked
    this.#asked = null
    return asked?.project === project ? asked.runs : []
  }
}
