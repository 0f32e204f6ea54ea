// Without a line: the site opens, what is logged waits on the device, and is sent once, for the one it belongs to.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { expectAccessible } from '../support/accessible.ts'
import { expect, follow, type Page, press, signIn, test } from '../support/test.ts'

const MENTEE = 'mentee2@demo.qdei.example'
const OTHER = 'mentee3@demo.qdei.example'
const LOG = '/api/log-chapter'

/** The pages that the device keeps now. */
const keptPages = (page: Page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('pages '))
    const lists = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))
    return lists.flat()
  })

const waiting = (page: Page) => page.getByText('Kept on this device, sent when you are back online.')
const noLine = (page: Page) => page.getByText('There is no line just now. This page is as it was')
const online = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')))

/** Signs in, and waits until the home page, the outline and the next chapters are kept. */
async function signInAndKeep(page: Page) {
  await signIn(page, MENTEE)
  await page.goto('/mentee')
  await expect.poll(() => keptPages(page), { timeout: 30_000 }).toContain('/mentee')
  await expect.poll(async () => (await keptPages(page)).filter((path) => path.includes('/chapters')).length).toBeGreaterThan(2)
}

/** Logs the next chapter from the home page. */
async function log(page: Page, minutes: string, reflection: string) {
  await page.goto('/mentee')
  await follow(page, 'Log this chapter')
  await page.getByLabel('Minutes').fill(minutes)
  await page.getByLabel('What stayed with you?').fill(reflection)
  await press(page, 'Save')
}

/** How often the chapter's page lists an entry of so many minutes. */
async function expectEntries(page: Page, chapter: string, minutes: number, count: number) {
  await expect(async () => {
    await page.goto(chapter)
    await expect(noLine(page)).toHaveCount(0, { timeout: 2_000 })
    await expect(page.locator('.message').getByText(`${minutes} minutes`, { exact: true })).toHaveCount(count, { timeout: 2_000 })
  }).toPass({ timeout: 20_000 })
}

test('a chapter logged without a line is sent once, even when the answer is lost', async ({ line, person }) => {
  const page = await person(line.url)
  await signInAndKeep(page)
  line.cut()
  await log(page, '37', 'Ask <b>first</b>, then teach.')
  await expect(noLine(page)).toBeVisible()
  await expect(waiting(page)).toBeVisible()
  await expect(page.getByText('Ask <b>first</b>, then teach.')).toBeVisible()
  await expect(page.getByLabel('What stayed with you?')).toHaveValue('')
  await expectAccessible(page, 'a chapter that waits to be sent')
  const chapter = new URL(page.url()).pathname
  await page.goto('/')
  await expect(page).toHaveURL(/\/mentee$/)
  await expect(waiting(page)).toBeVisible()

  line.loseAnswers(LOG)
  await online(page)
  await expect.poll(() => line.lost()).toBe(1)
  await page.goto('/mentee')
  await expect.poll(() => line.lost()).toBeGreaterThan(1)
  await expect(waiting(page)).toBeVisible()
  line.mend()
  await online(page)
  await expect(page.getByText('1 entry that waited on this device is sent.')).toBeVisible()
  await expect(waiting(page)).toHaveCount(0)
  await expectEntries(page, chapter, 37, 1)
  await expect(page.getByText('Ask <b>first</b>, then teach.')).toBeVisible()
})

test('an answer that is lost on the way does not log twice', async ({ line, person }) => {
  const page = await person(line.url)
  await signInAndKeep(page)
  await page.goto('/mentee')
  await follow(page, 'Log this chapter')
  const chapter = new URL(page.url()).pathname
  await page.getByLabel('Minutes').fill('38')
  line.loseAnswers(LOG)
  await press(page, 'Save')
  await expect.poll(() => line.lost()).toBeGreaterThan(0)
  line.mend()
  await expect(page).toHaveURL(/kept=1/)
  await online(page)
  await expect(page.getByText(/waited on this device is sent/)).toBeVisible()
  await expectEntries(page, chapter, 38, 1)
})

test('what waits outlives the browser, and two readings of one chapter are two entries', async ({ line }) => {
  const folder = mkdtempSync(join(tmpdir(), 'qdei-browser-'))
  const use = test.info().project.use
  const start = async () => {
    const context = await chromium.launchPersistentContext(folder, {
      ...use.launchOptions, viewport: use.viewport, baseURL: line.url, locale: 'en-US', timezoneId: 'America/Denver',
    })
    return { context, page: context.pages()[0] ?? (await context.newPage()) }
  }
  let { context, page } = await start()
  try {
    await signInAndKeep(page)
    await page.goto('/mentee')
    const chapter = (await page.getByRole('link', { name: 'Log this chapter' }).getAttribute('href')) ?? ''
    await context.setOffline(true)
    for (let times = 0; times < 2; times += 1) {
      await log(page, '39', '')
      await expect(waiting(page)).toHaveCount(times + 1)
    }
    const cookies = await context.cookies()
    await context.close()

    ;({ context, page } = await start())
    // The browser forgets the session when it is closed, as the program wants it; here the person has signed in again.
    await context.addCookies(cookies)
    await page.goto('/mentee')
    // A slow answer is asked for again; the key makes one entry of it all the same.
    await expect.poll(() => line.sent(LOG).length).toBeGreaterThanOrEqual(2)
    await expectEntries(page, chapter, 39, 2)
  } finally {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('what is refused later says why, keeps the words, and is mended', async ({ line, person }) => {
  const page = await person(line.url)
  await signInAndKeep(page)
  line.cut()
  await log(page, '-5', 'Words that must not be lost <script>alert(1)</script>')
  await expect(waiting(page)).toBeVisible()
  const chapter = new URL(page.url()).pathname
  line.mend()
  await online(page)
  await expect(page.getByText('Enter a whole number from 1 to 600.')).toBeVisible()
  await page.goto(chapter)
  await expectAccessible(page, 'an entry that was refused')
  await press(page, 'Put it back into the form')
  await expect(page.getByLabel('What stayed with you?')).toHaveValue('Words that must not be lost <script>alert(1)</script>')
  await expect(page.getByLabel('Minutes')).toHaveValue('-5')
  await page.getByLabel('Minutes').fill('41')
  await press(page, 'Save')
  await expectEntries(page, chapter, 41, 1)
  await expect(page.getByText('This entry was not taken.')).toHaveCount(0)
})

test('signing out asks about what waits, and leaves nothing on a shared computer', async ({ line, person }) => {
  const page = await person(line.url)
  await signInAndKeep(page)
  line.cut()
  await log(page, '42', 'Mine alone')
  await expect(waiting(page)).toBeVisible()
  await page.goto('/mentee')
  await press(page, 'Sign out')
  await expect(page.getByText('1 entry has not been sent yet.')).toBeVisible()
  await expectAccessible(page, 'asked before signing out')
  await press(page, 'Stay signed in')
  await expect(waiting(page)).toBeVisible()

  // Still without a line: the session ends as soon as there is one.
  await press(page, 'Sign out')
  await press(page, 'Sign out and remove it')
  await expect(page.getByRole('heading', { name: 'There is no line just now' })).toBeVisible()
  expect(await keptPages(page)).toEqual([])
  await page.goto('/mentee')
  await expect(page.getByRole('heading', { name: 'There is no line just now' })).toBeVisible()
  line.mend()
  await page.goto('/mentee')
  await expect(page).toHaveURL(/\/sign-in/)

  await signIn(page, OTHER)
  await page.goto('/mentee')
  await expect(page.getByText('Mine alone')).toHaveCount(0)
  await expect.poll(() => keptPages(page), { timeout: 30_000 }).toContain('/mentee')
  expect(line.sent(LOG)).toEqual([])
})

test('nothing of one person is shown to another or sent in their name', async ({ line, person }) => {
  const page = await person(line.url)
  await signInAndKeep(page)
  line.cut()
  await log(page, '43', 'Mine alone')
  await expect(waiting(page)).toBeVisible()
  // The session is over, and somebody else signs in where the first had not signed out.
  await page.context().clearCookies()
  line.mend()
  await page.goto('/mentee')
  await expect(page).toHaveURL(/\/sign-in/)
  await expect.poll(() => keptPages(page)).toEqual([])
  await signIn(page, OTHER)
  await page.goto('/mentee')
  await expect.poll(() => keptPages(page), { timeout: 30_000 }).toContain('/mentee')
  await online(page)
  await page.goto('/mentee')
  await expect(waiting(page)).toHaveCount(0)
  await expect(page.getByText('Mine alone')).toHaveCount(0)
  const before = line.sent(LOG).length
  await signOutAndIn(page)
  await page.goto('/mentee')
  await expect(waiting(page)).toHaveCount(0)
  expect(line.sent(LOG).length).toBe(before)
})

async function signOutAndIn(page: Page) {
  await press(page, 'Sign out')
  await expect(page.getByText('You are signed out.')).toBeVisible()
  expect(await keptPages(page)).toEqual([])
  await signIn(page, MENTEE)
}

test('what waits for a session that ended is sent after signing in again', async ({ line, person }) => {
  const page = await person(line.url)
  await signInAndKeep(page)
  line.cut()
  await log(page, '44', 'After the shift')
  await expect(waiting(page)).toBeVisible()
  const chapter = new URL(page.url()).pathname
  await page.context().clearCookies()
  line.mend()
  await online(page)
  await expect.poll(() => line.sent(LOG).length).toBeGreaterThan(0)
  await page.goto('/mentee')
  await expect(page).toHaveURL(/\/sign-in/)
  await signIn(page, MENTEE)
  await page.goto('/mentee')
  await expect(waiting(page)).toHaveCount(0)
  await expectEntries(page, chapter, 44, 1)
})
