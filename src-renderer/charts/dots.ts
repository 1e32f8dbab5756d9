// Many dots on a canvas. Pixels are mixed here: telling the canvas to draw ten thousand circles takes thirty times as long.

export interface DotGroup {
  /** Name of a custom property that holds the colour. */
  readonly colour: string
  /** 0 to 1 */
  readonly opacity: number
  readonly places: readonly (readonly [number, number])[]
}

export interface DotSize {
  readonly width: number
  readonly height: number
  readonly diameter: number
  /** Pixels of the screen for one of the page. */
  readonly density: number
}

export function drawDots(canvas: HTMLCanvasElement, groups: readonly DotGroup[], size: DotSize): void {
  const { density } = size
  canvas.width = Math.round(size.width * density)
  canvas.height = Math.round(size.height * density)
  const context = canvas.getContext('2d')
  if (!context || canvas.width === 0 || canvas.height === 0) return
  const colours = getComputedStyle(canvas)
  const image = context.createImageData(canvas.width, canvas.height)
  for (const { colour, opacity, places } of groups) {
    const mask = dotMask(size.diameter * density, opacity)
    const rgb = channelsOf(context, colours.getPropertyValue(colour))
    for (const [x, y] of places) stamp(image, mask, rgb, Math.round(x * density), Math.round(y * density))
  }
  context.putImageData(image, 0, 0)
}

interface Mask {
  /** Of a square. */
  readonly side: number
  /** Row by row, 0 to 1. */
  readonly alpha: Float32Array
}

/** A disc with a soft edge one pixel wide. */
function dotMask(diameter: number, opacity: number): Mask {
  const side = Math.ceil(diameter) + 1
  const alpha = new Float32Array(side * side)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const distance = Math.hypot(x - (side - 1) / 2, y - (side - 1) / 2)
      alpha[y * side + x] = opacity * Math.min(1, Math.max(0, diameter / 2 - distance + 0.5))
    }
  return { side, alpha }
}

/** Porter and Duff's "over", colours not multiplied by alpha. */
function stamp({ data, width, height }: ImageData, mask: Mask, rgb: readonly number[], cx: number, cy: number): void {
  const { side, alpha } = mask
  const [left, top] = [cx - (side >> 1), cy - (side >> 1)]
  for (let i = 0; i < alpha.length; i++) {
    const x = left + (i % side)
    const y = top + Math.floor(i / side)
    const over = alpha[i]!
    if (over === 0 || x < 0 || y < 0 || x >= width || y >= height) continue
    const at = 4 * (y * width + x)
    const under = (data[at + 3]! / 255) * (1 - over)
    const whole = over + under
    for (let c = 0; c < 3; c++) data[at + c] = (rgb[c]! * over + data[at + c]! * under) / whole
    data[at + 3] = 255 * whole
  }
}

/** The canvas writes an opaque colour as #rrggbb, however the style sheet wrote it. */
function channelsOf(context: CanvasRenderingContext2D, colour: string): readonly number[] {
  context.fillStyle = colour
  const [, hex = '000000'] = /^#([0-9a-f]{6})$/.exec(String(context.fillStyle)) ?? []
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}
