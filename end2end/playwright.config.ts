// How the journeys run: which browser, on which screens, and for how long at most.
import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import type { Options } from './support/test.ts'

// The machine's own browser where there is one; without it Playwright's.
const chromium = process.env.QDEI_CHROMIUM ?? '/usr/bin/chromium'

const args = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

const desktop = { viewport: { width: 1280, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true }

// The checker of accessibility looks at every page once (`pages.spec.ts` looks at the same ones everywhere), and the
// coordinator's jobs are counted once.
const once = /(access|jobs)\.spec/

export default defineConfig<Options>({
  testDir: 'specs',
  globalSetup: './support/setup.ts',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A browser now and then hangs between two steps for no known reason: each test has a limit and a second try.
  retries: 1,
  timeout: 150_000,
  globalTimeout: 20 * 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  reporter: [['list']],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    locale: 'en-US',
    timezoneId: 'America/Denver',
    reducedMotion: 'reduce',
    screenshot: 'only-on-failure',
    launchOptions: { args, ...(existsSync(chromium) ? { executablePath: chromium } : {}) },
  },
  projects: [
    { name: 'desktop', use: desktop },
    // `make test` has a PostgreSQL running: the journeys on the phone are kept there.
    { name: 'phone', use: { ...phone, engine: 'postgres' }, testIgnore: once },
    // Every page works without scripts; what only an island can do says so in its file's name.
    { name: 'noscript', use: { ...desktop, javaScriptEnabled: false }, testIgnore: [/\.islands\./, once] },
  ],
})
