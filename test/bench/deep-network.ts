// An ONNX file of many small operators, branches and additions among them, as exporters write deep networks.
import { writeFileSync } from 'node:fs'
import { writeOnnx } from '../../src-main/formats/onnx/write.ts'
import { makeGraph, type NodeRow, noise } from '../unit/passes/graphs.ts'

const channels = 8

/** Of one block, beside the branch that goes past it. */
const blockNodes = 8

export function makeDeepModel(path: string, nodes: number) {
  const blocks = Math.ceil(nodes / blockNodes)
  const rows: NodeRow[] = []
  const constants: Record<string, ReturnType<typeof noise>> = {}
  for (let b = 0; b < blocks; b++) {
    const [from, to] = [b === 0 ? 'x' : `out${b - 1}`, `out${b}`]
    const conv = (input: string, output: string, kernel: number) => {
      const weights = `w_${output}`
      constants[weights] = noise([channels, channels, kernel, kernel], b + kernel, 0.1)
      rows.push([
        'Conv',
        `${input} ${weights}`,
        output,
        { kernel_shape: [kernel, kernel], pads: Array(4).fill((kernel - 1) / 2) },
      ])
    }
    conv(from, `a${b}`, 3)
    rows.push(['Relu', `a${b}`, `b${b}`])
    conv(`b${b}`, `c${b}`, 3)
    rows.push(['Relu', `c${b}`, `d${b}`])
    conv(`d${b}`, `e${b}`, 1)
    conv(from, `f${b}`, 1)
    rows.push(['Add', `e${b} f${b}`, `g${b}`], ['Relu', `g${b}`, to])
  }
  const graph = makeGraph({ inputs: { x: ['N', channels, 8, 8] }, outputs: `out${blocks - 1}`, constants, nodes: rows })
  writeFileSync(path, writeOnnx(graph, { quantization: 'drop' }))
}
