// Files from outside the page, wherever they come from: dropped on the window, chosen from the menu, opened by the system. Packs,
// containers and projects go to their own screens; models and data start a project, or go into the one that is open.

import { type PickedFile, projectFileNames } from './dropped.ts'
import type { Packs } from './packs.svelte.ts'
import type { Projects } from './projects.svelte.ts'
import type { Router } from './router.svelte.ts'
import type { WeightsPage } from './weights-page.svelte.ts'

const shoeNames = /\.shoe$/i
/** What a container of weights begins with; a pack begins with SHOE. */
const containerMark = 'SWTS'

interface Places {
  readonly projects: Projects
  readonly packs: Packs
  readonly weights: WeightsPage
  readonly router: Router
}

export class Inbox {
  /** Models and data that wait for a project to be made. */
  files = $state.raw<readonly PickedFile[]>([])
  #beside = $state.raw<{ readonly project: string; readonly files: readonly PickedFile[] } | null>(null)
  #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  async receive(files: readonly PickedFile[]): Promise<void> {
    const rest = await this.divert(files)
    if (rest.length === 0) return
    const { router } = this.#places
    const { route } = router
    if (route.screen === 'project') this.#beside = { project: route.project, files: rest }
    else {
      this.files = rest
      router.go({ screen: 'home' })
    }
  }

  /** What came while this project was open, once. */
  takeFor(project: string): readonly PickedFile[] {
    if (this.#beside?.project !== project) return []
    const { files } = this.#beside
    this.#beside = null
    return files
  }

  clear(): void {
    this.files = []
  }

  /** Takes what is neither model nor data. @returns the others */
  async divert(files: readonly PickedFile[]): Promise<readonly PickedFile[]> {
    for (const file of files) {
      if (projectFileNames.test(file.path)) await this.#places.projects.import(file)
      else if (shoeNames.test(file.path)) await this.#openShoe(file)
    }
    return files.filter(({ path }) => !projectFileNames.test(path) && !shoeNames.test(path))
  }

  /** Files of the host's own machine, none of them a model: those the screen that is shown takes itself. */
  async divertPaths(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      if (projectFileNames.test(path)) await this.#places.projects.importPath(path)
      else if (shoeNames.test(path)) await this.#openShoePath(path)
    }
  }

  async #openShoe(file: PickedFile): Promise<void> {
    const { packs, weights, router } = this.#places
    if ((await file.blob.slice(0, 4).text()) === containerMark) {
      router.go({ screen: 'weights' })
      await weights.add([file], false)
      return
    }
    const pack = await packs.add(file)
    router.go({ screen: 'packs', pack: pack?.id ?? null })
  }

  async #openShoePath(path: string): Promise<void> {
    const { packs, weights, router } = this.#places
    const pack = await packs.addPath(path)
    if (packs.error?.code === 'pack.weightsOnly') {
      packs.dismiss()
      router.go({ screen: 'weights' })
      await weights.addPath(path)
    } else router.go({ screen: 'packs', pack: pack?.id ?? null })
  }
}

export const divertedPaths = /\.(shoe|shoeproject)$/i
