// Files that the system hands over: associations and the command line.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const ours = /\.(onnx|tflite|shoe|shoeproject)$/i

/** Those arguments that are files of ours. @param folder where the process was started */
export function openedFiles(argv: readonly string[], folder: string): string[] {
  return argv
    .slice(1)
    .filter((argument) => !argument.startsWith('-') && ours.test(argument))
    .map((argument) => resolve(folder, argument))
    .filter((path) => existsSync(path))
}
