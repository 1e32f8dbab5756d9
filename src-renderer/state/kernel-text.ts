// What the settings say of the kernels' backends.
import type { KernelChoice, KernelState } from '../../src-main/contract/kernels.ts'
import { settings } from '../i18n/en/settings.ts'
import { t } from '../i18n/locale.ts'
import { noteText } from '../i18n/note.ts'
import { formatShort } from '../ui/format.ts'

const isNamed = (kernel: string): kernel is keyof typeof settings.name => Object.hasOwn(settings.name, kernel)

/** The contract's names, in the words of the field. */
export const kernelTitle = (kernel: string) => (isNamed(kernel) ? t(`settings.name.${kernel}`) : kernel)

/** What `auto` does with a kernel. */
export function choiceText({ gpuFrom, unit, sizes }: KernelChoice): string {
  if (sizes.length === 0) return t('settings.untilMeasured')
  if (gpuFrom === null) return t('settings.alwaysCpu')
  return gpuFrom === 0 ? t('settings.alwaysGpu') : t('settings.gpuFrom', { size: formatShort(gpuFrom), unit })
}

export function gpuText({ state, name, problem }: KernelState['gpu']): string {
  switch (state) {
    case 'unknown':
      return t('settings.gpuUnknown')
    case 'none':
      return problem === null ? t('settings.gpuNone') : noteText(problem)
    case 'software':
      return t('settings.gpuSoftware', { name: name ?? t('settings.gpuUnnamed') })
    case 'hardware':
      return name ?? t('settings.gpuUnnamed')
  }
}
