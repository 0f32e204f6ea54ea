// Makes target/site, the folder that the binary carries: the browser's part, the stylesheet and the public files, each
// with its brotli form beside it. Separate from the shell scripts, because all the tools for it are node's.
//
//   node .ci/site.mjs APP.wasm WASM_BINDGEN
//
// A part is made again only when what goes into it has changed, and a file is written only when its bytes differ: the
// server is compiled anew whenever this folder changes. Same input, same bytes.
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const site = join(root, 'target/site')
const stampFile = join(root, 'target/site.json')
const tools = createRequire(join(root, 'end2end/package.json'))

// Every browser that knows what the wasm needs knows these, so that nothing is written twice for older ones.
const browsers = ['chrome111', 'firefox114', 'safari16.4']

// Not --all-features: binaryen then writes compact imports, which Chromium refuses to load.
const wasmOptFlags = [
  '-Oz', '--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-sign-ext',
  '--enable-mutable-globals', '--enable-reference-types', '--enable-multivalue',
]

const compressible = new Set(['.css', '.html', '.ico', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.wasm', '.webmanifest', '.xml'])

function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort()
}

function hashOf(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(String(part.length)).update(':').update(part)
  return hash.digest('hex')
}

const hashOfFolder = (folder) => hashOf(...filesUnder(folder).flatMap((name) => [name, readFileSync(join(folder, name))]))
const versionOf = (tool) => tools(`${tool}/package.json`).version
const readStamps = () => (existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {})
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`

function compress(content) {
  return brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  })
}

function writeIfChanged(path, content) {
  if (existsSync(path) && readFileSync(path).equals(content)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}

// Runs `make`, which gives the files of one part by name, and returns what the stamp keeps of it.
async function part(title, before, key, make) {
  if (before?.key === key && before.files.every((name) => existsSync(join(site, name)))) return before
  const files = []
  for (const [name, content] of await make()) {
    writeIfChanged(join(site, name), content)
    files.push(name)
    let note = kB(content.length)
    if (compressible.has(extname(name))) {
      const small = compress(content)
      if (small.length < content.length) {
        writeIfChanged(join(site, `${name}.br`), small)
        files.push(`${name}.br`)
        note += `, brotli ${kB(small.length)}`
      }
    }
    if (title) console.log(`  ${name}: ${note}`)
  }
  return { key, files }
}

async function browserPart(wasm, wasmBindgen) {
  const scratch = mkdtempSync(join(tmpdir(), 'qdei-site-'))
  try {
    execFileSync(wasmBindgen, ['--target', 'web', '--out-name', 'qdei', '--no-typescript', '--out-dir', scratch, wasm], { stdio: 'inherit' })
    const small = join(scratch, 'small.wasm')
    const wasmOpt = join(dirname(tools.resolve('binaryen/package.json')), 'bin/wasm-opt')
    execFileSync(process.execPath, [wasmOpt, ...wasmOptFlags, join(scratch, 'qdei_bg.wasm'), '-o', small], { stdio: 'inherit' })
    renameSync(small, join(scratch, 'qdei_bg.wasm'))
    const { transformSync } = tools('esbuild')
    return filesUnder(scratch).map((name) => {
      const content = readFileSync(join(scratch, name))
      if (extname(name) !== '.js') return [`pkg/${name}`, content]
      const { code } = transformSync(content.toString(), { minify: true, format: 'esm', target: browsers, legalComments: 'none' })
      return [`pkg/${name}`, Buffer.from(code)]
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

// Addresses from the root of the site are files of style/public and stay as they are. (As a pattern for esbuild's own
// `external` they would also match every stylesheet, by its place on this machine.)
const rootAddresses = {
  name: 'root-addresses',
  setup: (build) => build.onResolve({ filter: /^\// }, ({ path, kind }) => (kind === 'url-token' ? { path, external: true } : undefined)),
}

async function stylesheet() {
  const { build } = tools('esbuild')
  const { outputFiles } = await build({
    entryPoints: [join(root, 'style/main.css')],
    bundle: true, minify: true, write: false, logLevel: 'error', legalComments: 'none', target: browsers,
    plugins: [rootAddresses], loader: { '.svg': 'dataurl' },
  })
  return [['pkg/qdei.css', Buffer.from(outputFiles[0].contents)]]
}

const publicFiles = () => filesUnder(join(root, 'style/public')).map((name) => [name, readFileSync(join(root, 'style/public', name))])

async function main(wasm, wasmBindgen) {
  if (!existsSync(join(root, 'style/main.css'))) throw new Error('style/main.css is not there: the site needs its stylesheet')
  const self = readFileSync(fileURLToPath(import.meta.url))
  const before = readStamps()
  const after = {
    wasm: await part('browser', before.wasm, hashOf(self, wasmBindgen, versionOf('binaryen'), versionOf('esbuild'), readFileSync(wasm)), () => browserPart(wasm, wasmBindgen)),
    css: await part('style', before.css, hashOf(self, versionOf('esbuild'), hashOfFolder(join(root, 'style'))), stylesheet),
    public: await part('', before.public, hashOf(self, hashOfFolder(join(root, 'style/public'))), publicFiles),
  }
  const wanted = new Set(Object.values(after).flatMap(({ files }) => files))
  for (const name of filesUnder(site)) if (!wanted.has(name)) rmSync(join(site, name))
  writeIfChanged(stampFile, Buffer.from(JSON.stringify(after)))
}

const [wasm, wasmBindgen] = process.argv.slice(2)
if (!wasm || !wasmBindgen) {
  console.error('node .ci/site.mjs APP.wasm WASM_BINDGEN')
  process.exit(2)
}
main(wasm, wasmBindgen).catch((error) => {
  console.error(`The site could not be made: ${error.message}`)
  process.exit(1)
})
