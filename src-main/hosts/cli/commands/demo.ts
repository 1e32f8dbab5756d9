// The main job on the sample that comes along: no hardware, compiler or QEMU needed.
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRouterClient } from '@orpc/server'
import type { Command } from 'commander'
import { z } from 'zod'
import { preprocessRecord } from '../../../contract/data-set.ts'
import { deviceId } from '../../../contract/ids.ts'
import { startAndFollow } from '../follow.ts'
import { terminalOutput } from '../output.ts'
import { runText } from '../run-text.ts'
import { openApp } from '../session.ts'
import { writeOutput } from '../write-output.ts'

const sample = (name: string) => fileURLToPath(new URL(`../../../../resources/samples/${name}`, import.meta.url))

export function demoCommand(program: Command) {
  program
    .command('demo')
    .description('Fits the sample model into an emulated Raspberry Pi Pico and measures it there.')
    .option('--out <dir>', 'folder for the workspace and the report; its old content is replaced', join('out', 'demo'))
    .action(async (options: { out: string }, command: Command) => {
      const output = terminalOutput(command.optsWithGlobals<{ json?: boolean }>().json === true)
      const folder = resolve(options.out)
      const workspace = join(folder, 'workspace')
      await rm(workspace, { recursive: true, force: true })
      await using app = await openApp(workspace, 'cli')
      const api = createRouterClient(app.router)
      const project = await api.projects.create({ name: 'Gestures on a Pico', device: deviceId.parse('pico') })
      output.note(`Project "${project.name}" for ${project.deviceName}.`)
      const record = z
        .object({ preprocess: preprocessRecord })
        .parse(JSON.parse(readFileSync(sample('gestures.json'), 'utf8')))
      const add = (name: string) =>
        api.data.add({ source: { kind: 'path', path: sample(name) }, preprocess: record.preprocess })
      const model = await api.models.add({
        source: { kind: 'path', path: sample('gestures.onnx') },
        project: project.id,
      })
      const calibration = await add('gestures-train.npz')
      const data = await add('gestures-test.npz')
      await api.projects.update({ id: project.id, dataSetId: data.id })
      const session = { app, api, output, signal: new AbortController().signal }
      const request = {
        project: project.id,
        model: model.id,
        data: data.id,
        calibration: calibration.id,
        device: project.device,
        recipe: 'int8',
        seed: 0,
        warmup: 1,
        runs: 10,
      }
      const report = await startAndFollow(session, request)
      const rendered = await api.reports.render({
        runs: [(await api.runs.list({ project: project.id }))[0]!.id],
        format: 'html',
      })
      const path = join(folder, 'report.html')
      await writeOutput(path, await rendered.data.text())
      const text = () =>
        `${runText(report)}\n\nReport: ${path}\nWorkspace: ${workspace} (open it with "npm run serve -- --workspace ${workspace}")`
      output.result({ run: report, report: path, workspace }, text)
    })
}
