// The page by the Tab key alone.
import { z } from 'zod'
import type { User } from './user.ts'

const walk = z.object({
  /** Controls that the Tab key never came to. */
  missed: z.array(z.string()),
  /** Controls that show nothing when they have the focus. */
  unseen: z.array(z.string()),
  /** Whether the focus followed the order of the document. */
  inOrder: z.boolean(),
})
export type TabWalk = z.infer<typeof walk>

// Text, because the types of a browser hold in the page and not here.
const begin = `(() => {
  const scope = document.querySelector('dialog[open]') ?? document.body
  const selector = 'a[href], button:not(:disabled), input:not(:disabled, [hidden]), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]'
  const shown = (element) => element.checkVisibility({ visibilityProperty: true })
  const groups = new Set()
  const controls = [...scope.querySelectorAll(selector)].filter((element) => {
    if (!shown(element) || element.tabIndex < 0) return false
    if (element.type !== 'radio') return true
    // One stop for a group: its chosen button, or any while none is chosen.
    const group = [...scope.querySelectorAll('input[type=radio]')].filter(({ name }) => name === element.name)
    const stop = group.find(({ checked }) => checked) ?? group[0]
    return element === stop
  })
  controls[0]?.focus()
  window.tabWalk = { controls, reached: [], unseen: [] }
  return controls.length
})()`

const note = `(() => {
  const { controls, reached, unseen } = window.tabWalk
  const element = document.activeElement
  if (!element || element === document.body) return 'outside'
  // A frame has stops of its own, which only its document knows.
  if (reached.includes(element)) return element.tagName === 'IFRAME' ? 'inside' : 'again'
  reached.push(element)
  const outlined = (each) => {
    const style = getComputedStyle(each)
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
  }
  if (!outlined(element) && !(element.closest('label') && outlined(element.closest('label')))) unseen.push(element)
  return 'on'
})()`

const end = `(() => {
  const { controls, reached, unseen } = window.tabWalk
  const name = (element) => element.outerHTML.slice(0, 120)
  const places = reached.map((element) => controls.indexOf(element)).filter((place) => place >= 0)
  const start = places.indexOf(Math.min(...places))
  const turned = [...places.slice(start), ...places.slice(0, start)]
  return {
    missed: controls.filter((element) => !reached.includes(element) && element.isConnected).map(name),
    unseen: unseen.map(name),
    inOrder: turned.every((place, index) => index === 0 || place > turned[index - 1]),
  }
})()`

/** Stops within frames. */
const mostInside = 200
/** Between the end of the page and its beginning: the browser itself. */
const mostOutside = 20

/** Presses Tab until the focus has been everywhere. */
export async function walkByTab(user: User): Promise<TabWalk> {
  const count = z.number().parse(await user.page.evaluate(begin))
  // Before the first control, so that the walk begins with it, by the keyboard.
  await user.page.keyboard.press('Shift+Tab')
  let outside = 0
  let inside = 0
  for (let press = 0; press < count + 12 + inside + outside; press++) {
    await user.page.keyboard.press('Tab')
    const where = await user.page.evaluate(note)
    if (where === 'again') break
    if (where === 'inside' && ++inside > mostInside) break
    if (where === 'outside' && ++outside > mostOutside) break
  }
  return walk.parse(await user.page.evaluate(end))
}
