// Files out of a drop or a file input, folders walked, with paths relative to what was dropped.
import type { PickedFile } from '../state/dropped.ts'

/** Must be called inside the drop event: the browser empties the transfer afterwards. */
export function readDrop(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length > 0) return Promise.all(entries.map(readEntry)).then((lists) => lists.flat())
  return Promise.resolve([...transfer.files].map((file) => ({ path: file.name, blob: file })))
}

export function readInput(input: HTMLInputElement): PickedFile[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }))
}

export function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

async function readEntry(entry: FileSystemEntry): Promise<PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (isFile(entry)) {
    const blob = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ path, blob }]
  }
  if (!isDirectory(entry)) return []
  const reader = entry.createReader()
  const files: PickedFile[] = []
  // readEntries gives at most 100 at a time, and an empty list at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return files
    for (const child of batch) files.push(...(await readEntry(child)))
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
