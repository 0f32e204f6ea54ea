// How many clicks and page loads the ten commonest jobs of the coordinator take, counted on the demo program. What was
// counted is kept in target/jobs.json, which `make bench` prints.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import { root, startProgram } from '../support/program.ts'
import { expect, type Page, signIn, test } from '../support/test.ts'

/** No job may take more clicks for one item. */
const MOST = 6

interface Count { job: string, items: number, clicks: number, loads: number }

/** A page whose clicks and loads are counted, job by job. */
class Counted {
  private clicks = 0
  private loads = 0
  readonly counts: Count[] = []

  constructor(readonly page: Page) {
    page.on('load', () => { this.loads += 1 })
  }

  async click(target: Locator) {
    this.clicks += 1
    await target.click()
    await this.page.waitForLoadState()
  }

  button = (name: string | RegExp) => this.click(this.page.getByRole('button', { name }).first())
  link = (name: string | RegExp) => this.click(this.page.getByRole('link', { name }).first())
  menu = (name: string) => this.click(this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }))

  /** Opens a part of the page that is folded away. */
  async unfold(name: string) {
    const part = this.page.locator('details:visible').filter({ has: this.page.locator(`summary:text-is("${name}")`) }).first()
    await this.click(part.locator('summary'))
    return part
  }

  /** One job, from the Monday page on. */
  async job(job: string, items: number, work: () => Promise<void>) {
    await this.page.goto('/coordinator')
    this.clicks = 0
    this.loads = 0
    await work()
    this.counts.push({ job, items, clicks: this.clicks, loads: this.loads })
    expect(this.clicks / items, `${job}: clicks for one`).toBeLessThanOrEqual(MOST)
  }
}

const needs = (page: Page) => page.locator('table').filter({ has: page.locator('caption', { hasText: 'Needs you' }) }).locator('tbody')
const done = (page: Page, words: RegExp) => expect(page.getByRole('main').getByText(words).first()).toBeVisible()

const fiftyMentors = () => ['Name,Email,Discipline,County,Options,Ways to talk,Credential valid to']
  .concat(Array.from({ length: 50 }, (_, number) => `Mentor Number${number},number${number}@clinic.example,RN,Hill,1;2;3,phone,2029-12-31`))
  .join('\n')

test('no job of the week takes more than six clicks an item', async ({ person }) => {
  test.setTimeout(240_000)
  const program = await startProgram({ demo: true })
  try {
    const page = await person(program.url)
    await signIn(page, 'coordinator@demo.qdei.example')
    const desk = new Counted(page)

    await desk.job('Record a phone call', 1, async () => {
      await desk.link(/^More/)
      const call = await desk.unfold('Called')
      await desk.click(call.getByLabel('Heard from them'))
      await desk.click(call.getByRole('button', { name: 'Save the call' }))
      await done(page, /^Heard from /)
    })
    await desk.job('Review 30 pairs and act on 5', 5, async () => {
      const pairs = page.locator('table').filter({ has: page.locator('caption', { hasText: 'All active pairs' }) })
      expect(await pairs.locator('tbody tr').count(), 'pairs on one page').toBeGreaterThanOrEqual(30)
      for (const at of [0, 1, 2, 3, 4]) {
        await desk.click(pairs.getByRole('link', { name: /^More/ }).nth(at))
        const call = await desk.unfold('Called')
        await desk.click(call.getByLabel('Not reached'))
        await desk.click(call.getByRole('button', { name: 'Save the call' }))
        await done(page, /^Tried to reach /)
      }
    })
    await desk.job('Extend', 1, async () => {
      await desk.link(/^More/)
      const extend = await desk.unfold('Extend')
      await extend.getByLabel('Why').fill('A new job since May')
      await desk.click(extend.getByRole('button', { name: /Extend/ }))
      await done(page, /has time until/)
    })
    await desk.job('Accept and match an applicant', 1, async () => {
      const accept = page.getByRole('button', { name: /^Accept/ }).first()
      const name = (await accept.getAttribute('aria-label') ?? '').replace(/^Accept,?\s*/, '')
      await desk.click(accept)
      await desk.click(needs(page).getByRole('row').filter({ hasText: name }).getByRole('link', { name: /^Propose a mentor/ }))
      await desk.button(/^Propose /)
      await done(page, /The proposal is made\./)
    })
    await desk.job('Lend a book', 1, async () => {
      // The first who waits wants a book of which every copy is lent.
      await desk.click(page.getByRole('link', { name: /^Lend/ }).nth(1))
      if (await page.getByLabel('Address').count() > 0 && await page.getByLabel('Address').inputValue() === '') {
        await page.getByLabel('Address').fill('PO Box 7\nBroadus, MT 59317')
      }
      await desk.button('Lend this copy')
      await done(page, /The book is lent\./)
    })
    await desk.job('Receive a letter', 1, async () => {
      await desk.link(/^Receive/)
      await desk.button('Receive')
      await done(page, /The letter is received\./)
    })
    await desk.job('Issue a certificate', 1, async () => {
      await desk.link(/^Preview and issue/)
      await desk.button('Issue the certificate')
      await done(page, /The certificate is issued/)
    })
    await desk.job('Reassign a mentor', 1, async () => {
      const silent = needs(page).getByRole('row').filter({ hasText: 'No sign of life' }).first()
      await desk.click(silent.getByRole('link').first())
      await desk.click(page.locator('dt:text-is("Mentor") + dd a').first())
      await desk.click(page.locator('summary').filter({ hasText: 'cannot go on' }).first())
      await page.getByLabel('Why the pair ends').fill('Moved to another state')
      await desk.button('End this pair')
      await desk.button(/^Propose /)
      await done(page, /The proposal is made\./)
    })
    await desk.job('Year report to XLSX', 1, async () => {
      await desk.menu('Reports')
      const [file] = await Promise.all([page.waitForEvent('download'), desk.link('XLSX')])
      expect(file.suggestedFilename()).toMatch(/\.xlsx$/)
    })
    await desk.job('Import 50 mentors', 1, async () => {
      await desk.menu('Mentors')
      await desk.link('Import from a spreadsheet')
      await desk.click(page.getByLabel('Spreadsheet'))
      await page.getByLabel('Spreadsheet').setInputFiles({ name: 'mentors.csv', mimeType: 'text/csv', buffer: Buffer.from(fiftyMentors()) })
      await desk.button('Look at the file')
      await desk.button(/^Import 50/)
      await expect(page.getByRole('heading', { name: 'Mentors imported' })).toBeVisible({ timeout: 30_000 })
      await expect(page.locator('dt:text-is("New") + dd')).toHaveText('50')
    })

    mkdirSync(join(root, 'target'), { recursive: true })
    writeFileSync(join(root, 'target/jobs.json'), JSON.stringify(desk.counts))
  } finally {
    await program.stop()
  }
})
