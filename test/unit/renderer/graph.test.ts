// Geometry and walking of the drawn graph, rows of the layer table, and forms of a sample.
import { describe, expect, test } from 'vitest'
import { viewSample } from '../../../src-renderer/charts/sample-picture.ts'
import { familyOf } from '../../../src-renderer/graph/families.ts'
import { layoutOf, placementRequest } from '../../../src-renderer/graph/placement.ts'
import { centreOn, fitTo, toGraph, zoomAt } from '../../../src-renderer/graph/viewport.ts'
import { search, step } from '../../../src-renderer/graph/walk.ts'
import { layerRows, nextOrder, sortedRows, visibleRows } from '../../../src-renderer/state/layer-rows.ts'
import { cyclesByNode } from '../../../src-renderer/state/model-runs.svelte.ts'
import { fakeGraph } from '../../support/fake-host/fake-views.ts'

const screen = { width: 400, height: 300 }

describe('viewport', () => {
  test('all of it is shown and small graphs are not magnified', () => {
    expect(fitTo({ width: 100, height: 100 }, screen)).toEqual({ scale: 1, x: 150, y: 100 })
    const { scale, y } = fitTo({ width: 100, height: 2760 }, screen)
    expect([scale, y]).toEqual([0.1, 12])
  })

  test('what is under the pointer stays there', () => {
    const graph = { width: 1000, height: 1000 }
    const at = { x: 130, y: 70 }
    const before = { x: -20, y: 5, scale: 0.5 }
    const after = zoomAt(before, at, 1.7, graph, screen)
    expect(after.scale).toBeCloseTo(0.85)
    expect(toGraph(after, at).x).toBeCloseTo(toGraph(before, at).x)
    expect(toGraph(after, at).y).toBeCloseTo(toGraph(before, at).y)
    expect(zoomAt(before, at, 1e9, graph, screen).scale).toBe(3)
  })

  test('a node is brought to the middle at a size that can be read', () => {
    const view = centreOn({ x: 0, y: 0, scale: 0.1 }, { x: 100, y: 200, width: 20, height: 10 }, screen, 0.75)
    expect(toGraph(view, { x: 200, y: 150 })).toEqual({ x: 110, y: 205 })
  })
})

describe('walking', () => {
  const graph = fakeGraph('m', 1)
  // x, conv1, relu1, erf1 beside nothing, add1, fc, y: one below the other, erf1 to the left.
  const boxes = graph.nodes.map((_, index) => ({ x: index === 3 ? 0 : 50, y: index * 50, width: 40, height: 20 }))
  const layout = { width: 100, height: 400, boxes, routes: [] }

  test('down and up go along edges, the straight one first', () => {
    expect(step(graph, layout, 0, 'down')).toBe(1)
    expect(step(graph, layout, 2, 'down')).toBe(4)
    expect(step(graph, layout, 4, 'up')).toBe(2)
    expect(step(graph, layout, 0, 'up')).toBeNull()
  })

  test('left and right go to what stands beside', () => {
    const beside = { ...layout, boxes: boxes.map((box, index) => (index === 3 ? { ...box, y: boxes[2]!.y } : box)) }
    expect([step(graph, beside, 2, 'left'), step(graph, beside, 3, 'right'), step(graph, beside, 2, 'right')]).toEqual([
      3,
      2,
      null,
    ])
  })

  test('names, operators and tensors are found', () => {
    expect(search(graph, 'CONV1.weight')).toEqual([1])
    expect(search(graph, 'erf')).toEqual([3])
    expect(search(graph, '  ')).toEqual([])
  })

  test('families', () => {
    expect(graph.nodes.map(familyOf)).toEqual([
      'port',
      'conv',
      'activation',
      'activation',
      'arithmetic',
      'dense',
      'port',
    ])
    expect(familyOf({ kind: 'node', op: 'NotYetInvented' })).toBe('other')
  })
})

describe('a graph on its way to be placed and back', () => {
  test('goes as sizes and ends, and comes back in the order of nodes and edges', () => {
    const graph = fakeGraph('m', 1)
    const { sizes, ends } = placementRequest(graph)
    expect([sizes.length / 2, ends.length / 2]).toEqual([graph.nodes.length, graph.edges.length])
    expect([...ends.subarray(0, 2)]).toEqual([graph.edges[0]!.from, graph.edges[0]!.to])
    const placed = layoutOf({
      ...{ width: 100, height: 90, boxes: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      ...{ first: Uint32Array.of(0, 0, 2), points: Float32Array.of(1, 2, 3, 4) },
    })
    expect(placed.boxes[1]).toEqual({ x: 5, y: 6, width: 7, height: 8 })
    const route = [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ]
    expect(placed.routes).toEqual([[], route])
  })
})

describe('layer rows', () => {
  const layer = (node: string, macs: number) => ({
    ...{ node, op: 'Conv', outputShape: [1, macs], parameters: macs, weightBytes: macs, macs },
    ...{ range: null, refusal: null },
  })
  const cycles = new Map([
    ['a', 70],
    ['other', 30],
  ])
  const figures = { cycles, sensitivity: null, activations: new Map() }
  const rows = layerRows([layer('b', 3), layer('a', 9), layer('c', 3)], figures)
  const names = (by: 'node' | 'macs' | 'cycles', descending: boolean) =>
    sortedRows(rows, { by, descending }).map(({ node }) => node)

  test('sorted both ways, what is not known last, ties in the order of the network', () => {
    expect([names('node', false), names('node', true)]).toEqual([
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ])
    expect([names('macs', true), names('macs', false)]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c', 'a'],
    ])
    expect([names('cycles', true), names('cycles', false)]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
  })

  test('cycles have their share of all, also of operators that are not in the table', () => {
    expect(rows.map(({ cycles: own, share }) => [own, share])).toEqual([
      [null, null],
      [70, 0.7],
      [null, null],
    ])
  })

  test('the first click shows the largest, the second turns it around', () => {
    const first = nextOrder({ by: 'index', descending: false }, 'macs')
    expect([first, nextOrder(first, 'macs').descending]).toEqual([{ by: 'macs', descending: true }, false])
  })

  test('only what can be seen is on the page', () => {
    expect(visibleRows(10_000, 30, 30_000, 450)).toEqual({ first: 992, count: 31 })
    expect(visibleRows(5, 30, 0, 450)).toEqual({ first: 0, count: 5 })
  })

  test('operators that came from one node are added up', () => {
    const operator = (name: string, cycles: number) => ({ name, op: 'Conv', kernel: 'k', macs: 1, cycles })
    expect([...cyclesByNode({ operators: [operator('a', 1), operator('b', 2), operator('a', 4)] })]).toEqual([
      ['a', 5],
      ['b', 2],
    ])
  })
})

describe('forms of a sample', () => {
  const ramp = (size: number) => Array.from({ length: size }, (_, i) => i)

  test('49 frames of 10 coefficients are a spectrogram, time to the right', () => {
    const view = viewSample([49, 10], ramp(490))
    expect(view).toMatchObject({ kind: 'image', width: 49, height: 10 })
    // The largest value is the last frame's highest coefficient: top right, the lightest colour.
    const at = view.kind === 'image' ? [...view.rgba.subarray(48 * 4, 48 * 4 + 3)] : []
    expect(at.map((value) => value > 150)).toEqual([true, true, true])
  })

  test('a square is a picture, unless it is asked for otherwise', () => {
    const picture = viewSample([28, 28], ramp(784))
    const spectrum = viewSample([28, 28], ramp(784), 'spectrogram')
    const lines = viewSample([28, 28], ramp(784), 'waveform')
    expect([picture.kind, spectrum.kind, lines.kind]).toEqual(['image', 'image', 'lines'])
    expect(picture).not.toEqual(spectrum)
    expect(lines.kind === 'lines' && lines.channels).toHaveLength(8)
  })
})
