// Adam (Kingma & Ba 2015, algorithm 1) on one array of parameters.
const [firstDecay, secondDecay, tiny] = [0.9, 0.999, 1e-8]

export class Adam {
  readonly #mean: Float32Array
  readonly #square: Float32Array
  #steps = 0

  constructor(size: number) {
    this.#mean = new Float32Array(size)
    this.#square = new Float32Array(size)
  }

  /** Moves the parameters against the gradient, in place. */
  step(parameters: Float32Array, gradient: Float32Array, learningRate: number) {
    this.#steps++
    const rate = learningRate / (1 - firstDecay ** this.#steps)
    const correction = 1 / (1 - secondDecay ** this.#steps)
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i]!
      const mean = firstDecay * this.#mean[i]! + (1 - firstDecay) * g
      const square = secondDecay * this.#square[i]! + (1 - secondDecay) * g * g
      this.#mean[i] = mean
      this.#square[i] = square
      parameters[i]! -= (rate * mean) / (Math.sqrt(square * correction) + tiny)
    }
  }
}
