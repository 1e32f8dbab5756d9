// Every case of the compression kernels. All backends run all of them.
import type { KernelCase } from './kernel-case.ts'
import { elementCases } from './kernel-cases-elements.ts'
import { productCases } from './kernel-cases-products.ts'
import { updateCases } from './kernel-cases-updates.ts'

export const kernelCases: readonly KernelCase[] = [...elementCases, ...productCases, ...updateCases]
