// Files that the system hands over: associations and the command line.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ours = /\.(onnx|tflite|shoe|shoeproject)$/i

/** Those arguments that are files of ours. @param folder where the process was started */
export function openedFiles(argv: readonly string[], folder: string): string[] {
  return argv
    .slice(1)
    .filter((argument) => !argument.startsWith('-'))
    .map((argument) => pathOf(argument, folder))
    .filter((path) => ours.test(path) && existsSync(path))
}

/** Linux desktops give addresses (%U), the others paths. What is no address of a local file is no file. */
function pathOf(argument: string, folder: string): string {
  if (!/^file:/i.test(argument)) return resolve(folder, argument)
  try {
    return fileURLToPath(argument)
  } catch {
    return ''
  }
}
