// The reference models and data sets beside the project; tests that need them are left out, and say so, where they are not.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './cli.ts'

const root = join(repository, '..', 'shared')

export const hasShared = existsSync(join(root, 'models'))
export const sharedModel = (name: string) => join(root, 'models', name)
export const sharedData = (name: string) => join(root, 'data', name)
