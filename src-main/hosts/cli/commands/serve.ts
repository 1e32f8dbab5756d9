import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { clearUploads } from '../../../services/uploads.ts'
import { startWebHost } from '../../web/server.ts'
import { wholeNumber } from '../options.ts'
import { terminalOutput } from '../output.ts'
import { defaultWorkspace, openApp } from '../session.ts'

export function serveCommand(program: Command) {
  program
    .command('serve')
    .description('The interface in a browser, on this computer only, behind a token.')
    .option('--port <n>', 'port on 127.0.0.1; 0 takes a free one', wholeNumber(0), 7420)
    .action(async (options: { port: number }, command: Command) => {
      const { workspace = defaultWorkspace(), json } = command.optsWithGlobals<{ workspace?: string; json?: boolean }>()
      await using app = await openApp(workspace, 'web')
      await clearUploads(join(workspace, 'uploads'))
      const assets = fileURLToPath(new URL('../../../../out/web', import.meta.url))
      await using host = await startWebHost(app, { port: options.port, assets })
      const text = () => `Shoehorn is at ${host.url}\nWorkspace: ${workspace}\nCtrl-C stops it.`
      terminalOutput(json === true).result({ url: host.url, workspace }, text)
      await new Promise<void>((resolve) => {
        process.once('SIGINT', () => resolve())
        process.once('SIGTERM', () => resolve())
      })
    })
}
