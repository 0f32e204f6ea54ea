// A post-test where the browser runs scripts: each answer is kept as it is given, without a line too, and in two tabs;
// and nothing that crosses the line before handing in says what is right.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { type Program, root, startProgram } from '../support/program.ts'
import { expect, follow, press, signIn, test } from '../support/test.ts'

const content = readFileSync(join(root, 'app/content/questions/complete-guide.toml'), 'utf8')

/** Every explanation of the bank, of questions and of choices: words that stand nowhere else. */
const explanations = [...content.matchAll(/^explanation = (".*")$/gm)].map((found) => JSON.parse(found[1]) as string).filter(Boolean)

async function mentee(browser: Browser, program: Program) {
  // Lines that break are said in the console: this spec breaks them on purpose.
  const context = await browser.newContext({ baseURL: program.url })
  const page = await context.newPage()
  await signIn(page, 'mentee1@demo.qdei.example')
  return { context, page }
}

async function begins(page: Page) {
  await page.goto('/mentee')
  await page.locator('ol.chapters > li').last().getByRole('link').first().click()
  await follow(page, 'Take the post-test')
  await press(page, 'Start the post-test')
  await expect(page.locator('fieldset.question').first()).toBeVisible()
}

const choice = (page: Page, question: number, place: number) =>
  page.locator('fieldset.question').nth(question).locator('input:not([type=hidden])').nth(place)

const saved = (page: Page) => expect(page.getByText(/^Saved at \d+:\d\d/)).toBeVisible()

test('answers are kept as they are given, and the network log holds no key', async ({ browser }) => {
  const program = await startProgram({ demo: true })
  try {
    const { context, page } = await mentee(browser, program)
    const heard: Promise<string>[] = []
    page.on('response', (response) => {
      if (new URL(response.url()).pathname.startsWith('/pkg/')) return
      heard.push(response.body().then((body) => `${response.url()}\n${body.toString('utf8')}`, () => ''))
    })
    await begins(page)
    const count = await page.locator('fieldset.question').count()
    for (let question = 0; question < count; question += 1) await choice(page, question, 0).check()
    await saved(page)
    await expect.poll(() => page.evaluate(() => Object.keys(sessionStorage))).toEqual([])
    await page.reload()
    for (let question = 0; question < count; question += 1) await expect(choice(page, question, 0)).toBeChecked()

    const log = (await Promise.all(heard)).join('\n')
    expect(log).toContain('keep-answers')
    expect(explanations.length).toBeGreaterThan(50)
    expect(explanations.filter((words) => log.includes(words) || log.includes(escaped(words)))).toEqual([])
    expect(log).not.toContain('data-answer')

    await press(page, 'Hand in')
    await expect(page.locator('.score')).toBeVisible()
    const html = await page.content()
    expect(explanations.some((words) => html.includes(escaped(words)))).toBe(true)
    await context.close()
  } finally {
    await program.stop()
  }
})

const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

test('a lost line loses nothing: the tab keeps the answer and sends it later', async ({ browser }) => {
  const program = await startProgram({ demo: true })
  try {
    const { context, page } = await mentee(browser, program)
    await begins(page)
    await choice(page, 0, 1).check()
    await saved(page)
    await context.setOffline(true)
    await choice(page, 1, 1).check()
    await expect(page.getByText(/^No line just now: kept in this tab/)).toBeVisible()
    await context.setOffline(false)
    await saved(page)

    // The page is left before the line is back: it is put back and sent when the page opens again.
    await context.setOffline(true)
    await choice(page, 2, 1).check()
    await expect(page.getByText(/^No line just now: kept in this tab/)).toBeVisible()
    const address = page.url()
    await page.goto('about:blank')
    await context.setOffline(false)
    await page.goto(address)
    await expect(choice(page, 2, 1)).toBeChecked()
    await saved(page)
    const device = await context.newPage()
    await device.goto(address)
    for (const question of [0, 1, 2]) await expect(choice(device, question, 1)).toBeChecked()
    await context.close()
  } finally {
    await program.stop()
  }
})

test('two tabs find out about each other, and what one leaves empty the other keeps', async ({ browser }) => {
  const program = await startProgram({ demo: true })
  try {
    const { context, page } = await mentee(browser, program)
    await begins(page)
    const second = await context.newPage()
    await second.goto(page.url())
    await choice(page, 0, 0).check()
    await saved(page)
    await choice(second, 1, 0).check()
    await saved(second)
    await choice(second, 0, 1).check()
    await expect(second.getByText(/^Question 1 was answered in another tab/)).toBeVisible()
    await second.reload()
    await expect(choice(second, 0, 0)).toBeChecked()
    await expect(choice(second, 1, 0)).toBeChecked()

    // The first tab hands in what it knows; the other's answer stays.
    await press(page, 'Hand in')
    await expect(page.getByRole('alert').getByRole('listitem').first()).toHaveText('Question 3 is not answered yet.')
    await press(page, 'Hand in with gaps')
    await expect(page.locator('.score')).toBeVisible()
    await choice(second, 1, 1).check()
    await expect(second.getByText(/^This post-test was handed in/)).toBeVisible()
    await context.close()
  } finally {
    await program.stop()
  }
})
