// What a pass is: one named change of the graph with typed parameters. Passes are pure but for what the context gives them.
import type { z } from 'zod'
import type { Note } from '../base/note.ts'
import type { Random } from '../base/random.ts'
import type { HostModel, HostModelOptions } from '../engine/host-model.ts'
import type { Samples } from '../engine/samples.ts'
import type { Graph } from '../ir/graph.ts'
import type { Kernels } from '../kernels/kernels.ts'

/** What holds of a graph after passes have run. */
export type Fact = 'constants' | 'linear' | 'activations' | 'batch-norm' | 'masks' | 'quantized'

/** Calibration samples, preprocessed: what the graph's inputs take, by name. */
export type CalibrationData = Samples

/** Opens a graph on the host; passes take it from the context so that a test can watch or replace it. */
export interface HostEngine {
  open(graph: Graph, options?: HostModelOptions): Promise<HostModel>
}

export interface PassContext {
  readonly calibration: CalibrationData | null
  /** The graph as the recipe was given it. */
  readonly original: Graph
  /** The graph before the first lossy pass: what corrections aim at. Values that keep their name hold the same real numbers. */
  readonly reference: Graph
  readonly seed: number
  /** Seeded from the recipe's seed and the pass's place in it. */
  readonly random: Random
  readonly engine: HostEngine
  readonly kernels: Kernels
  readonly signal?: AbortSignal
  /** A line for the step's notes. */
  log(line: Note): void
  /** Something the user should know about the result. */
  warn(line: Note): void
  /** @param fraction 0 to 1 within this pass */
  progress(fraction: number, note: Note): void
}

/** An order that makes no sense: this pass after `pass`. `because` completes "this pass comes after it, and ...". */
export interface OrderRule {
  readonly pass: string
  readonly because: Note
}

export interface Pass<Params = unknown> {
  readonly name: string
  readonly title: string
  readonly description: string
  /** With defaults; `.meta()` of each field holds title, description and unit, so that an editor can be made from it. */
  readonly params: z.ZodType<Params>
  readonly needs: readonly Fact[]
  readonly provides: readonly Fact[]
  /** Whether the graph computes something else afterwards than before, beyond rounding. */
  readonly lossy?: boolean
  /** Passes that must not stand before this one. */
  readonly notAfter?: readonly OrderRule[]
  run(graph: Graph, params: Params, context: PassContext): Promise<Graph>
}

export const definePass = <Params>(pass: Pass<Params>): Pass<Params> => pass
