// Fields of an editor out of a pass's JSON Schema. What a schema says beyond this is written as JSON.
import { z } from 'zod'

export type PassField = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly unit: string | null
  readonly initial: unknown
} & (
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'number'; readonly whole: boolean; readonly min: number | null; readonly max: number | null }
  | { readonly kind: 'switch' }
  /** A number or a word of these. */
  | {
      readonly kind: 'mixed'
      readonly options: readonly string[]
      readonly min: number | null
      readonly max: number | null
    }
  /** One value a layer, by name. */
  | { readonly kind: 'layers'; readonly hint: string }
  | { readonly kind: 'names' }
  | { readonly kind: 'json' }
)

const property = z.looseObject({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  anyOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
})
type Property = z.infer<typeof property>

/** Schemas write the largest whole number where there is no limit. */
const limit = (value: number | undefined) => (value === undefined || Math.abs(value) >= 2 ** 31 ? null : value)

export function fieldsOf(schema: Readonly<Record<string, unknown>>): PassField[] {
  const properties = z.record(z.string(), property).safeParse(schema.properties)
  if (!properties.success) return []
  return Object.entries(properties.data).map(([name, each]) => {
    const { title = name, description = '', unit = null } = each
    return { name, title, description, unit, initial: each.default, ...shapeOf(each) }
  })
}

function shapeOf(each: Property) {
  if (each.enum) return { kind: 'choice', options: each.enum.map(String) } as const
  if (each.type === 'boolean') return { kind: 'switch' } as const
  if (each.type === 'number' || each.type === 'integer')
    return {
      kind: 'number',
      whole: each.type === 'integer',
      min: limit(each.minimum),
      max: limit(each.maximum),
    } as const
  if (each.anyOf) return mixedOf(each)
  if (each.type === 'object' && each.additionalProperties !== undefined && each.additionalProperties !== false)
    return { kind: 'layers', hint: hintOf(each.additionalProperties) } as const
  if (each.type === 'array') return { kind: 'names' } as const
  return { kind: 'json' } as const
}

function mixedOf(each: Property) {
  const parts = flatten(each)
  const number = parts.find(({ type }) => type === 'integer' || type === 'number')
  const options = parts.flatMap((part) => (part.enum ?? (part.const === undefined ? [] : [part.const])).map(String))
  if (parts.some(({ type }) => type === 'object')) return { kind: 'json' } as const
  return { kind: 'mixed', options, min: limit(number?.minimum), max: limit(number?.maximum) } as const
}

function flatten(each: Property): Property[] {
  return each.anyOf ? each.anyOf.flatMap((part) => flatten(property.parse(part))) : [each]
}

/** What one value of a table may be: `2–8`, `ternary`, `float`. */
function hintOf(schema: unknown): string {
  const parsed = property.safeParse(schema)
  if (!parsed.success) return ''
  return flatten(parsed.data)
    .flatMap((part) => {
      if (part.enum) return part.enum.map(String)
      if (part.const !== undefined) return [String(part.const)]
      return part.minimum === undefined ? [] : [`${part.minimum}–${limit(part.maximum) ?? '…'}`]
    })
    .join(', ')
}

/** As a person writes a value: a number, a word, or JSON. */
export function parseTyped(text: string): unknown {
  const trimmed = text.trim()
  if (/^[[{"]/.test(trimmed) || trimmed === 'true' || trimmed === 'false') {
    try {
      return JSON.parse(trimmed)
    } catch {
      return trimmed
    }
  }
  const number = Number(trimmed)
  return trimmed !== '' && Number.isFinite(number) ? number : trimmed
}

export const typedText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

/** What a pass that is dragged from the shelf is carried as. */
export const draggedPass = 'application/x-shoehorn-pass'

export interface Step {
  readonly pass: string
  readonly params: Readonly<Record<string, unknown>>
}

/** A recipe is written without what the passes take by themselves. */
export function withoutDefaults(step: Step, fields: readonly PassField[]): Step {
  const initial = new Map(fields.map((field) => [field.name, JSON.stringify(field.initial)]))
  const params = Object.fromEntries(
    Object.entries(step.params).filter(([name, value]) => JSON.stringify(value) !== initial.get(name)),
  )
  return { pass: step.pass, params }
}
