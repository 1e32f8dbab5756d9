// report: documents over runs, and whether they can be confirmed.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { AppError } from '../../../base/errors.ts'
import { textOf } from '../../../base/note.ts'
import {
  type ReportFormat,
  type ReportLanguage,
  type ReportSection,
  reportFormat,
  reportLanguage,
  reportSection,
} from '../../../contract/reports.ts'
import type { Verification } from '../../../contract/verification.ts'
import { followJob } from '../follow.ts'
import { type CliSession, withSession } from '../session.ts'
import { writeOutput } from '../write-output.ts'
import { findProject } from './projects.ts'

interface ReportOptions {
  readonly format: string
  readonly sections?: string
  readonly language: string
  readonly out?: string
  readonly verify?: boolean
}

export function reportCommand(program: Command) {
  program
    .command('report <run-or-project-or-file>')
    .description('A self-contained report over a run or a project; with --verify, makes it again and confirms it.')
    .option('--format <format>', reportFormat.options.join(', '), 'html')
    .option('--sections <names>', `with commas between: ${reportSection.options.join(', ')}; left out, all`)
    .option('--language <language>', `${reportLanguage.options.join(' or ')}: of html, pdf and md`, 'en')
    .option('--out <file>', 'left out, the file name it proposes')
    .option('--verify', 'recompute what a run, or a report exported as HTML or JSON, states')
    .action((what: string, options: ReportOptions, command: Command) =>
      withSession(command, (session) => (options.verify ? verify(what, session) : write(what, options, session))),
    )
}

async function write(what: string, options: ReportOptions, { api, output }: CliSession) {
  const format = parseFormat(options.format)
  const sections = options.sections === undefined ? undefined : parseSections(options.sections)
  const language = parseLanguage(options.language)
  const known = (await api.runs.list({})).find((run) => run.id === what)
  const about = known ? { runs: [known.id] } : { project: (await findProject(api, what)).id }
  const { data, fileName } = await api.reports.render({ ...about, format, sections, language })
  const path = options.out ?? fileName
  await writeOutput(path, new Uint8Array(await data.arrayBuffer()))
  output.result({ path, format }, () => `Wrote ${path}`)
}

async function verify(what: string, session: CliSession) {
  const { api, output } = session
  const known = (await api.runs.list({})).find((run) => run.id === what)
  const { job } = await api.reports.verify(
    known ? { kind: 'run', run: known.id } : { kind: 'document', name: basename(what), text: await readDocument(what) },
  )
  await followJob(session, job)
  const result = await api.reports.verification({ job })
  const difference = firstDifference(result)
  // One document on stdout either way: with --json, that of the error holds all that was found.
  if (!difference || !output.json) output.result(result, () => verificationText(result))
  if (difference) throw new AppError('report.differs', { name: result.name, ...difference, verification: result })
}

function readDocument(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new AppError('usage.missingFile', { path }, { cause })
  })
}

/** The first figure that differs, in the order of the record. */
function firstDifference({ runs, document }: Verification) {
  for (const { figures } of runs) {
    const wrong = figures.find(({ outcome }) => outcome === 'differs' || outcome === 'missing')
    if (wrong) return { figure: wrong.figure, stated: wrong.stated, found: wrong.found ?? 'nothing' }
  }
  return document === 'differs'
    ? { figure: 'the page', stated: 'something else', found: 'not what its own record says' }
    : null
}

function verificationText({ runs, confirmed, document }: Verification): string {
  const lines = runs.flatMap(({ title, figures }) => [
    title,
    ...figures.map(({ figure, stated, found, outcome }) =>
      outcome === 'same' || outcome === 'stated'
        ? `  ${outcome.padEnd(8)} ${figure}: ${textOf(stated)}`
        : `  ${outcome.toUpperCase().padEnd(8)} ${figure}: the report says ${textOf(stated)}, found ${textOf(found ?? 'nothing')}`,
    ),
  ])
  const page = document === null ? [] : [`The page ${documentTexts[document]}.`]
  const verdict = confirmed
    ? 'Confirmed: everything that can be made again is as stated. "stated": of the device, present and with its source.'
    : 'Not confirmed.'
  return [...lines, ...page, verdict].join('\n')
}

const documentTexts: Record<NonNullable<Verification['document']>, string> = {
  same: 'shows what its record says',
  differs: 'does not show what its record says',
  otherVersion: 'was made by another version and was not compared with its record',
}

function parseFormat(text: string): ReportFormat {
  const format = reportFormat.safeParse(text)
  if (!format.success)
    throw new AppError('usage.invalid', { problem: `--format ${text}: it is ${reportFormat.options.join(', ')}.` })
  return format.data
}

function parseLanguage(text: string): ReportLanguage {
  const language = reportLanguage.safeParse(text)
  if (!language.success)
    throw new AppError('usage.invalid', {
      problem: `--language ${text}: it is ${reportLanguage.options.join(' or ')}.`,
    })
  return language.data
}

function parseSections(text: string): ReportSection[] {
  return text.split(',').map((name) => {
    const section = reportSection.safeParse(name.trim())
    if (!section.success) {
      const problem = `--sections ${name}: there are ${reportSection.options.join(', ')}.`
      throw new AppError('usage.invalid', { problem })
    }
    return section.data
  })
}
