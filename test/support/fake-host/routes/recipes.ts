import { toErrorInfo } from '../../../../src-main/contract/error.ts'
import { recipesService } from '../../../../src-main/services/recipes.ts'
import type { FakeRoutes, FakeState } from '../fake-state.ts'

export function fakeRecipes(os: FakeRoutes, fake: FakeState) {
  return {
    presets: os.recipes.presets.handler(() => recipesService().presets()),
    passes: os.recipes.passes.handler(() => recipesService().passes()),
    estimate: os.recipes.estimate.handler(({ input }) => fake.estimate(input.text)),
    examine: os.recipes.examine.handler(({ input, errors }) => {
      try {
        return recipesService().examine(input.text)
      } catch (error) {
        throw errors.APP_ERROR({ data: toErrorInfo(error) })
      }
    }),
    check: os.recipes.check.handler(({ input, errors }) => {
      try {
        return recipesService().check(input.text)
      } catch (error) {
        throw errors.APP_ERROR({ data: toErrorInfo(error) })
      }
    }),
  }
}
