// The twin's agent behind a socket or a pseudo terminal, as a board behind a cable: it lives on when the cable is pulled.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer, type Server, type Socket } from 'node:net'
import { systemLinkPorts } from '../../src-main/device/links/ports.ts'
import { startAgent, type WasmAgent } from '../../src-main/device/links/twin.ts'

export interface Bridge extends AsyncDisposable {
  /** Device id that leads to it. */
  readonly id: string
  /** Connections made so far. */
  readonly connections: () => number
}

/** @param pullAt bytes after which a connection is cut, by its number; 0 never cuts */
export async function socketBridge(path: string | null, pullAt: (connection: number) => number): Promise<Bridge> {
  const agent = await startAgent(systemLinkPorts)
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    serve(socket, agent, pullAt(connections++))
  })
  await listen(server, path)
  const address = server.address()
  const id = typeof address === 'string' ? `unix:${address}` : `tcp:127.0.0.1:${address?.port}`
  return {
    id,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function serve(socket: Socket, agent: WasmAgent, pullAt: number) {
  let received = 0
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    const left = pullAt > 0 ? pullAt - received : bytes.length + 1
    received += bytes.length
    agent.exchange(bytes.subarray(0, left), (chunk) => socket.write(chunk))
    if (bytes.length >= left) socket.destroy()
  })
}

const listen = (server: Server, path: string | null) =>
  new Promise<void>((resolve) => {
    if (path === null) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })

/** Prints the name of a new pseudo terminal's far end, then joins its near end with standard input and output. */
const ptyProgram = `
import os, pty, select, sys, tty
near, far = pty.openpty()
tty.setraw(near); tty.setraw(far)
sys.stderr.write(os.ttyname(far) + "\\n"); sys.stderr.flush()
while True:
    ready, _, _ = select.select([0, near], [], [])
    if 0 in ready:
        data = os.read(0, 4096)
        if not data: break
        os.write(near, data)
    if near in ready: os.write(1, os.read(near, 4096))
`

export const hasPty = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty']).status === 0

export async function ptyBridge(): Promise<Bridge> {
  const agent = await startAgent(systemLinkPorts)
  const child = spawn('python3', ['-c', ptyProgram], { stdio: ['pipe', 'pipe', 'pipe'] })
  const name = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.stderr.once('data', (text: Buffer) => resolve(text.toString().trim()))
  })
  child.stdout.on('data', (bytes: Buffer) => agent.exchange(bytes, (chunk) => child.stdin.write(chunk)))
  return { id: `serial:${name}:921600`, connections: () => 1, [Symbol.asyncDispose]: () => ended(child) }
}

async function ended(child: ChildProcess) {
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}
