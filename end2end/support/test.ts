// What every spec begins with: a program, its mail, and people each with a browser of their own.
import { test as base, expect, type Browser, type Page } from '@playwright/test'
import type { Engine } from './database.ts'
import { type Line, openLine } from './line.ts'
import { type Mailbox, openMailbox } from './mailbox.ts'
import { type Program, startProgram } from './program.ts'

export { expect, type Page }

export const DEMO_PASSWORD = 'montana-demo-2026'

export interface Options {
  /** Where a program of the test's own keeps its data. */
  engine: Engine
}

interface Fixtures {
  mailbox: Mailbox
  /** A program with an empty database, for this test alone; it must pass its own check at the end. */
  program: Program
  /** Opens a browser for one person at a program. */
  person: (url: string, options?: Parameters<Browser['newContext']>[0]) => Promise<Page>
  /** The address of the shared demo program, to be read only. */
  demo: string
  /** A demo program for this test alone, reached by a line that the test can cut. */
  line: Line
}

export const test = base.extend<Options & Fixtures>({
  engine: ['sqlite', { option: true }],

  mailbox: async ({}, use) => {
    const mailbox = await openMailbox()
    await use(mailbox)
    await mailbox.close()
  },

  program: async ({ mailbox, engine }, use, info) => {
    const program = await startProgram({ smtp: mailbox.smtp, engine })
    await use(program)
    if (info.status !== info.expectedStatus) await info.attach('log', { body: program.log(), contentType: 'text/plain' })
    else await program.run('check')
    await program.stop()
  },

  person: async ({ browser }, use) => {
    const complaints: string[] = []
    const contexts = new Set<Awaited<ReturnType<Browser['newContext']>>>()
    await use(async (url, options = {}) => {
      const context = await browser.newContext({ baseURL: url, ...options })
      contexts.add(context)
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error' && !isAnswer(message.text())) complaints.push(`${page.url()}: ${message.text()}`)
      })
      page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
      return page
    })
    for (const context of contexts) await context.close()
    expect(complaints, 'nothing is complained of in the browser').toEqual([])
  },

  line: async ({ engine }, use, info) => {
    const program = await startProgram({ demo: true, engine })
    const line = await openLine(program.url)
    await use(line)
    if (info.status !== info.expectedStatus) await info.attach('log', { body: program.log(), contentType: 'text/plain' })
    await line.close()
    await program.stop()
  },

  demo: async ({}, use) => {
    const url = process.env.QDEI_END2END_DEMO
    if (!url) throw new Error('The demo program is not running.')
    await use(url)
  },
})

/** The browser notes every answer of 400 and more, and every request without a line; a spec that expects one says so. */
const isAnswer = (text: string) =>
  /^Failed to load resource: (the server responded with a status of 4|net::ERR_)|^An unknown error occurred when fetching the script/.test(text)

export async function signIn(page: Page, email: string, password = DEMO_PASSWORD) {
  await page.goto('/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible()
}

/** Presses a button by its whole name. */
export const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click()

/** Follows a link by its whole name. */
export const follow = (page: Page, name: string | RegExp) => page.getByRole('link', { name, exact: true }).first().click()

/** Waits for the sentence that says what was done. */
export const told = (page: Page, words: string | RegExp) => expect(page.getByRole('status').filter({ hasText: words })).toBeVisible()

/** Waits until what keeps a page's texts has started: a line that is cut before takes its program along. */
export const expectAwake = (page: Page) => expect(page.locator('input[name="_page"]').first()).toHaveValue(/./)

/** A calendar day in Montana, so many days from now, as date fields want it. */
export function day(ahead = 0): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Denver' }).format(Date.now() + ahead * 86_400_000)
}
