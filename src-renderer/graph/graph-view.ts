// A graph on a canvas: draws when something changed, once a frame, and turns pointers and the wheel into movement.
import { drawGraph, drawMinimap, type Scene } from './draw.ts'
import type { Point } from './geometry.ts'
import { centreOn, fitTo, holds, panBy, type Size, toGraph, type Viewport, zoomAt } from './viewport.ts'

/** Where names can be read comfortably. */
const readableScale = 0.75
/** A press that moves less than this is a click, CSS pixels. */
const clickSlop = 4

export class GraphView {
  readonly #canvas: HTMLCanvasElement
  readonly #map: HTMLCanvasElement
  readonly #onselect: (node: number | null) => void
  readonly #pointers = new Map<number, Point>()
  #scene: Scene | null = null
  #view: Viewport = { x: 0, y: 0, scale: 1 }
  #screen: Size = { width: 1, height: 1 }
  #mapSize: Size = { width: 1, height: 1 }
  #frame = 0
  #moved = 0
  /** Of whoever has zoomed or panned: then a new size of the window leaves the view alone. */
  #touched = false

  constructor(canvas: HTMLCanvasElement, map: HTMLCanvasElement, onselect: (node: number | null) => void) {
    this.#canvas = canvas
    this.#map = map
    this.#onselect = onselect
  }

  /** Until the returned function is called. */
  listen(): () => void {
    const ending = new AbortController()
    const { signal } = ending
    const canvas = this.#canvas
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false })
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal })
    canvas.addEventListener('pointermove', (event) => this.#move(event), { signal })
    for (const type of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(type, (event) => this.#up(event), { signal })
    this.#map.addEventListener('pointerdown', (event) => this.#jump(event), { signal })
    this.#map.addEventListener('pointermove', (event) => event.buttons === 1 && this.#jump(event), { signal })
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw(), { signal })
    const theme = new MutationObserver(() => this.#draw())
    theme.observe(document.documentElement, { attributes: true })
    const sizes = new ResizeObserver(() => this.#resize())
    sizes.observe(canvas)
    return () => {
      ending.abort()
      sizes.disconnect()
      theme.disconnect()
      cancelAnimationFrame(this.#frame)
    }
  }

  show(scene: Scene) {
    const isNew = scene.layout !== this.#scene?.layout
    this.#scene = scene
    if (isNew) this.open()
    else this.#draw()
  }

  fit() {
    if (!this.#scene) return
    this.#touched = false
    this.#set(fitTo(this.#scene.layout, this.#screen))
  }

  /** All of a small graph; the beginning of one whose names could not be read. */
  open() {
    this.fit()
    const { scene, screen } = { scene: this.#scene, screen: this.#screen }
    const first = scene?.layout.boxes[0]
    if (!scene || !first || this.#view.scale >= 0.5) return
    const x = screen.width / 2 - (first.x + first.width / 2) * readableScale
    this.#set({ scale: readableScale, x, y: 16 - first.y * readableScale })
  }

  /** @param factor above 1 is nearer */
  zoom(factor: number, at: Point = { x: this.#screen.width / 2, y: this.#screen.height / 2 }) {
    if (!this.#scene) return
    this.#touched = true
    this.#set(zoomAt(this.#view, at, factor, this.#scene.layout, this.#screen))
  }

  pan(dx: number, dy: number) {
    this.#touched = true
    this.#set(panBy(this.#view, dx, dy))
  }

  centre(node: number) {
    const box = this.#scene?.layout.boxes[node]
    if (!box) return
    this.#touched = true
    this.#set(centreOn(this.#view, box, this.#screen, readableScale))
  }

  #set(view: Viewport) {
    this.#view = view
    this.#draw()
  }

  #draw() {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => {
      const [main, map] = [this.#canvas.getContext('2d'), this.#map.getContext('2d')]
      if (!this.#scene || !main || !map) return
      drawGraph(main, this.#scene, this.#view, this.#screen, devicePixelRatio)
      drawMinimap(map, this.#scene, this.#view, this.#screen, this.#mapSize, devicePixelRatio)
    })
  }

  #resize() {
    this.#screen = sized(this.#canvas)
    this.#mapSize = sized(this.#map)
    if (this.#touched) this.#draw()
    else this.open()
  }

  #wheel(event: WheelEvent) {
    event.preventDefault()
    // A pinch on a touch pad comes as a wheel with Control, in smaller steps.
    const speed = event.ctrlKey ? 0.01 : 0.0015
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1
    this.zoom(Math.exp(-event.deltaY * lines * speed), { x: event.offsetX, y: event.offsetY })
  }

  #down(event: PointerEvent) {
    this.#canvas.setPointerCapture(event.pointerId)
    this.#pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY })
    this.#moved = this.#pointers.size === 1 ? 0 : clickSlop
  }

  #move(event: PointerEvent) {
    const before = this.#pointers.get(event.pointerId)
    if (!before) return
    const now = { x: event.offsetX, y: event.offsetY }
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1]
    this.#pointers.set(event.pointerId, now)
    this.#moved += Math.hypot(now.x - before.x, now.y - before.y)
    if (this.#moved < clickSlop) return
    if (!other) return this.pan(now.x - before.x, now.y - before.y)
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }
    this.zoom(distance(now, other) / Math.max(1, distance(before, other)), middle)
  }

  #up(event: PointerEvent) {
    const was = this.#pointers.delete(event.pointerId)
    if (!was || event.type === 'pointercancel' || this.#moved >= clickSlop) return
    const at = toGraph(this.#view, { x: event.offsetX, y: event.offsetY })
    const found = this.#scene?.layout.boxes.findIndex((box) => holds(box, at)) ?? -1
    this.#onselect(found < 0 ? null : found)
  }

  #jump(event: PointerEvent) {
    if (!this.#scene) return
    const { layout } = this.#scene
    const scale = Math.min(this.#mapSize.width / layout.width, this.#mapSize.height / layout.height)
    const x = (event.offsetX - (this.#mapSize.width - layout.width * scale) / 2) / scale
    this.#touched = true
    this.#set(centreOn(this.#view, { x, y: event.offsetY / scale, width: 0, height: 0 }, this.#screen, 0))
  }
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)

/** Makes the canvas as sharp as the screen. */
function sized(canvas: HTMLCanvasElement): Size {
  const { clientWidth: width, clientHeight: height } = canvas
  canvas.width = Math.max(1, Math.round(width * devicePixelRatio))
  canvas.height = Math.max(1, Math.round(height * devicePixelRatio))
  return { width: Math.max(1, width), height: Math.max(1, height) }
}
