// Every page of the demo program passes what a machine can check of WCAG 2.2 AA, in daylight and at night.
import { expectAccessible, expectReadable } from '../support/accessible.ts'
import { crawl, READERS } from '../support/crawl.ts'
import { signIn, test } from '../support/test.ts'

for (const [reader, email] of Object.entries(READERS)) {
  test(`accessible as ${reader} sees it`, async ({ demo, person }) => {
    test.slow()
    const page = await person(demo)
    if (email) await signIn(page, email)
    await crawl(page, email ? '/home' : '/', async (path) => {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await expectAccessible(page, path)
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      await expectReadable(page, `${path}, at night`)
    })
  })
}
