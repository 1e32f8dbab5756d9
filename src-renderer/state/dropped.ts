// Which of the dropped or picked files belong together, and what they are. By name only; the host looks inside.

export interface PickedFile {
  /** Relative, with forward slashes; a folder's files keep the folder's name in front. */
  readonly path: string
  readonly blob: Blob
}

export interface PickedGroup {
  readonly kind: 'model' | 'data'
  readonly name: string
  readonly files: readonly PickedFile[]
}

export type DropTarget = 'any' | 'model' | 'data'

const modelEnds = ['onnx', 'tflite']
/** External weights that lie beside a model. */
const weightEnds = ['data', 'bin', 'weights', 'onnx_data']
const dataEnds = ['npz', 'npy', 'csv', 'gz', 'bin', 'idx', 'png', 'jpg', 'jpeg', 'bmp', 'webp', 'wav']

const ending = (ends: readonly string[]) => new RegExp(`\\.(${ends.join('|')})$`, 'i')
const accepting = (...ends: readonly string[]) => [...new Set(ends)].map((end) => `.${end}`).join()

/** What a file dialog shows at first. */
export const accepts = {
  model: accepting(...modelEnds, ...weightEnds),
  data: accepting(...dataEnds),
  weights: accepting(...modelEnds, ...weightEnds, 'npz', 'shoe'),
  any: accepting(...modelEnds, ...weightEnds, ...dataEnds, 'shoe', 'shoeproject'),
}

export const projectFileNames = /\.shoeproject$/i
export const modelNames = ending(modelEnds)
/** Never the weights of a model, even when named like it. */
const wholeSets = /\.(npz|npy|csv|gz)$/i
const dataNames = ending(dataEnds)

/** Model files start a group each; files of no known kind go with the only model, else to what they were dropped on. */
export function sortPicked(
  files: readonly PickedFile[],
  target: DropTarget,
): { groups: PickedGroup[]; refused: string[] } {
  const models = files.filter((file) => modelNames.test(file.path))
  const rest = files.filter((file) => !modelNames.test(file.path) && !isHidden(file.path))
  const companions = models.length === 1 ? rest.filter((file) => isCompanion(file.path, models[0]!.path)) : []
  // Whatever lies in a folder of data goes along; the host says what it did not use.
  const folders = new Set(rest.filter((file) => isData(file.path)).map((file) => topFolder(file.path)))
  folders.delete(null)
  const belongs = ({ path }: PickedFile) => target === 'data' || isData(path) || folders.has(topFolder(path))
  const data = rest.filter((file) => !companions.includes(file) && belongs(file))
  const refused = rest.filter((file) => !companions.includes(file) && !data.includes(file))
  const groups: PickedGroup[] = models.map((file) => ({
    kind: 'model',
    name: baseName(file.path),
    files: [file, ...companions],
  }))
  return { groups: [...groups, ...groupData(data)], refused: refused.map((file) => file.path) }
}

function groupData(files: readonly PickedFile[]): PickedGroup[] {
  const bySet = Map.groupBy(files, (file) => {
    const folder = topFolder(file.path)
    if (folder !== null) return `folder ${folder}`
    // A loose npz or CSV is a whole data set; loose IDX and .bin files belong to each other and to their labels.
    return /\.(npz|csv)$/i.test(file.path) && !/y_labels\.csv$/i.test(file.path) ? `file ${file.path}` : 'loose'
  })
  return [...bySet.values()].map((set) => ({
    kind: 'data',
    name: topFolder(set[0]!.path) ?? baseName(set[0]!.path),
    files: set,
  }))
}

/** External weights lie beside the model and are called anything but a data set. */
function isCompanion(path: string, model: string): boolean {
  if (topFolder(path) !== topFolder(model) || wholeSets.test(path)) return false
  return baseName(path).startsWith(baseName(model).replace(modelNames, '')) || !isData(path)
}

function isData(path: string): boolean {
  return dataNames.test(path) || /ubyte$/i.test(path)
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.'))
}

function topFolder(path: string): string | null {
  const slash = path.indexOf('/')
  return slash < 0 ? null : path.slice(0, slash)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
