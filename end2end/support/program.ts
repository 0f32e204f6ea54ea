// A running program of a test's own: a free port, a scratch folder, an empty database or the demo program.
// Separate, because it knows processes and folders and nothing of browsers.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Engine, makeDatabase } from './database.ts'

const here = dirname(fileURLToPath(import.meta.url))
export const root = resolve(here, '../..')
const binary = resolve(here, '..', process.env.QDEI_BINARY ?? '../target/qdei')

/** How long a start may take, filling in the demo program included. */
const START = 60_000

export interface Program {
  url: string
  /** Runs the command line beside the server and gives what it printed. */
  run(...command: string[]): Promise<string>
  /** What the server said so far. */
  log(): string
  stop(): Promise<void>
}

export async function startProgram({ demo = false, smtp = '', engine = 'sqlite' as Engine } = {}): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'qdei-end2end-'))
  const database = await makeDatabase(engine, folder)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    PATH: process.env.PATH,
    QDEI_DATA: folder,
    ...database.settings,
    QDEI_BASE_URL: url,
    QDEI_ADDRESS: `127.0.0.1:${port}`,
    // One address sends everything here.
    QDEI_RATE_LIMIT: '1000',
    ...(smtp ? { QDEI_SMTP_URL: smtp } : {}),
  }
  const said = join(folder, 'log')
  const out = openSync(said, 'w')
  const server = spawn(binary, ['serve', ...(demo ? ['--demo-if-empty'] : [])], { cwd: folder, env, stdio: ['ignore', out, out] })
  closeSync(out)
  const log = () => readFileSync(said, 'utf8')
  // Nothing is left running when the runner itself is stopped.
  const withUs = () => server.kill('SIGKILL')
  process.once('exit', withUs)
  const ended = new Promise<void>((done) => server.once('exit', () => done()))
  const stop = async () => {
    await end(server, ended)
    process.off('exit', withUs)
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(url, server, log)
  } catch (error) {
    await stop()
    throw error
  }
  const run = async (...command: string[]) => {
    const { stdout } = await promisify(execFile)(binary, command, { cwd: folder, env, timeout: 30_000 })
    return stdout
  }
  return { url, run, log, stop }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))))
    })
  })
}

async function answers(url: string, server: ChildProcess, log: () => string) {
  const failed = new Promise<never>((_, no) => {
    server.once('error', (error) => no(new Error(`${binary} does not start: ${error.message}`)))
    server.once('exit', (code) => no(new Error(`${binary} ended with ${code}:\n${log()}`)))
  })
  failed.catch(() => {})
  const limit = Date.now() + START
  while (Date.now() < limit) {
    const ready = fetch(`${url}/readyz`).then((response) => response.ok, () => false)
    if (await Promise.race([ready, failed])) return
    await Promise.race([new Promise((done) => setTimeout(done, 50)), failed])
  }
  throw new Error(`${binary} did not answer within ${START / 1000} s:\n${log()}`)
}

async function end(server: ChildProcess, ended: Promise<void>) {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGTERM')
  const force = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(force)
}
