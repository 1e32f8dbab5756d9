// What is said of files that cannot be taken, before anything is sent.
import type { ErrorInfo } from '../../src-main/contract/error.ts'
import { t } from '../i18n/locale.ts'

export function unknownFiles(paths: readonly string[]): ErrorInfo {
  return problem('unknownFiles', t('notes.unknownFiles', { files: listed(paths) }), t('notes.unknownFilesNext'))
}

export function nothingDropped(): ErrorInfo {
  return problem('nothingDropped', t('data.nothingDropped'), t('data.nothingDroppedNext'))
}

export function notOneDataSet(paths: readonly string[]): ErrorInfo {
  return problem('notOneDataSet', t('notes.notOneDataSet', { files: listed(paths) }), t('notes.notOneDataSetNext'))
}

export function sameAsData(name: string): ErrorInfo {
  return problem('sameAsData', t('notes.sameAsData', { name }), t('notes.sameAsDataNext'))
}

function problem(code: string, message: string, next: string): ErrorInfo {
  return { code: `renderer.${code}`, message, next, data: {} }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3
    ? t('notes.filesAndMore', { files: shown, more: names.length - 3 })
    : shown || t('notes.nothing')
}
