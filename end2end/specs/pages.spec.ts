// Every page of the demo program, as each person sees it: there, complete, and not wider than the screen.
import { expectNoOverflow } from '../support/accessible.ts'
import { crawl, READERS } from '../support/crawl.ts'
import { expect, signIn, test } from '../support/test.ts'

for (const [reader, email] of Object.entries(READERS)) {
  test(`every page as ${reader} sees it`, async ({ demo, person }, info) => {
    const page = await person(demo)
    if (email) await signIn(page, email)
    const count = await crawl(page, email ? '/home' : '/', async (path) => {
      expect.soft(await page.title(), path).toMatch(/\S · QDEI$/)
      expect.soft(await page.getByRole('heading', { level: 1 }).count(), `one heading of the page: ${path}`).toBe(1)
      await expectNoOverflow(page, path)
    }, info.project.name === 'phone' ? 2 : 1)
    expect(count).toBeGreaterThan(8)
  })
}
