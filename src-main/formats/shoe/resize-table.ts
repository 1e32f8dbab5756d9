/**
 * Input index of each output index along one dimension, by TFLite's GetNearestNeighbor. TFLite computes in float32, which
 * decides ties; the device has no floating point, so the answers go into the pack.
 */
export function nearestIndices(
  input: number,
  output: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): Uint16Array {
  const aligned = alignCorners && output > 1
  const scale = Math.fround(aligned ? (input - 1) / (output - 1) : input / output)
  const offset = halfPixelCenters ? 0.5 : 0
  return Uint16Array.from({ length: output }, (_, i) => {
    const position = Math.fround(Math.fround(i + offset) * scale)
    // TfLiteRound is C's round: half away from zero, and positions are never negative.
    const index = alignCorners ? Math.floor(position + 0.5) : Math.floor(position)
    return Math.max(0, Math.min(index, input - 1))
  })
}
