// Where a program of a test's own keeps its data: a file of SQLite, or a database in the PostgreSQL that `make test` has
// started. Separate, because only this knows of the two engines.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Engine = 'sqlite' | 'postgres'

export interface Database {
  /** As the program's settings want it. */
  settings: Record<string, string>
  drop(): Promise<void>
}

export async function makeDatabase(engine: Engine, folder: string): Promise<Database> {
  const server = process.env.QDEI_TEST_POSTGRES_URL
  if (engine === 'sqlite' || !server) {
    return { settings: { QDEI_DATABASE_URL: `sqlite:${join(folder, 'qdei.db')}` }, drop: async () => {} }
  }
  const name = `qdei_end2end_${randomBytes(8).toString('hex')}`
  await psql(server, `CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    settings: { QDEI_DATABASE_URL: url.href, QDEI_SECRET_KEY: randomBytes(24).toString('hex') },
    drop: () => psql(server, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

async function psql(server: string, statement: string) {
  await promisify(execFile)(program(), ['--quiet', '--no-psqlrc', '--command', statement, server], { timeout: 30_000 })
}

/** Debian keeps the newest off the path. */
function program(): string {
  const versions = '/usr/lib/postgresql'
  const newest = existsSync(versions) ? readdirSync(versions).sort((one, other) => Number(other) - Number(one)) : []
  return newest.map((version) => join(versions, version, 'bin/psql')).find((path) => existsSync(path)) ?? 'psql'
}
