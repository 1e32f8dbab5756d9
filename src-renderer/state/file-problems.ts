// What is said of files that cannot be taken, before anything is sent.
import type { ErrorInfo } from '../../src-main/contract/error.ts'

export function unknownFiles(paths: readonly string[]): ErrorInfo {
  return problem(
    'unknownFiles',
    `Not a model and not data: ${listed(paths)}.`,
    'Drop .onnx or .tflite for the model; .npz, .csv, IDX (.gz), .bin with y_labels.csv, or a folder of images for the data.',
  )
}

export function notOneDataSet(paths: readonly string[]): ErrorInfo {
  return problem(
    'notOneDataSet',
    `Not one data set: ${listed(paths)}.`,
    'Choose one data set: an .npz, a .csv, IDX files (.gz) or a folder of images.',
  )
}

export function sameAsData(name: string): ErrorInfo {
  return problem(
    'sameAsData',
    `${name} is the data of this project itself.`,
    'Leave the choice at a part of the data, or add other samples.',
  )
}

function problem(code: string, message: string, next: string): ErrorInfo {
  return { code: `renderer.${code}`, message, next, data: {} }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown || 'nothing'
}
