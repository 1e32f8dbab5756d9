// The sentences of the host as its source has them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { repository } from './cli.ts'

export interface SourceSentence {
  readonly place: string
  /** With {0}, {1} ... for what fills it. */
  readonly template: string
  /** Whether another language can take it. */
  readonly said: boolean
}

const folder = join(repository, 'src-main')

/** Where a sentence for the user stands in an object. */
const shownFields = new Set(['problem', 'help', 'reason', 'because', 'during', 'request', 'what', 'purpose', 'holder'])
/** Of the context of a pass, or of the events of a job: what they are given is shown. */
const shownCalls = new Set(['log', 'warn', 'fail', 'refuse', 'malformed'])

export function sourceSentences(): SourceSentence[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => path.endsWith('.ts') && !path.startsWith('device/protocol')).flatMap(sentencesOf)
}

function sentencesOf(path: string): SourceSentence[] {
  const text = readFileSync(join(folder, path), 'utf8')
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: SourceSentence[] = []
  const visit = (node: ts.Node): void => {
    const said = ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'say'
    const literal = said ? node.template : isShown(node) ? node : null
    const template = literal && templateOf(literal)
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    if (template !== null && (said || isSentence(template)))
      found.push({ place: `${path}:${line + 1}`, template, said })
    ts.forEachChild(node, (child) => {
      if (!(said && child === node.template && ts.isNoSubstitutionTemplateLiteral(child))) visit(child)
    })
  }
  visit(source)
  return found
}

function isShown(node: ts.Node): boolean {
  const { parent } = node
  if (!parent || ts.isTaggedTemplateExpression(parent)) return false
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node && shownFields.has(parent.name.getText())
  if (!ts.isCallExpression(parent) || !parent.arguments.some((argument) => argument === node)) return false
  const called = parent.expression
  return shownCalls.has(ts.isPropertyAccessExpression(called) ? called.name.text : called.getText())
}

/** null for what is no literal. */
function templateOf(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (!ts.isTemplateExpression(node)) return null
  return node.head.text + node.templateSpans.map((span, i) => `{${i}}${span.literal.text}`).join('')
}

/** Two words, of which one is no name. */
const isSentence = (template: string) => /\p{Ll}{2,} \p{L}{2,}/u.test(template)
