import type { User } from './user.ts'

/** Addresses in a workspace on which the stories were told. */
export async function findPlace(user: User) {
  await user.go('#/')
  const rows = user.by('project-row')
  await rows.first().waitFor()
  const idOf = async (row: number) => (await rows.nth(row).getAttribute('href'))!.split('/')[2]!
  const [project, emptyProject] = [await idOf(0), await idOf(1)]
  await user.go(`#/projects/${project}/runs`)
  const run = (await user.by('run-link').first().getAttribute('href'))!.split('/')[2]!
  return { project, emptyProject, run }
}
