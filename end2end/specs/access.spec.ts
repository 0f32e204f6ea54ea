// Every page of the demo program passes what a machine can check of WCAG 2.2 AA, in daylight and at night.
import { expectAccessible } from '../support/accessible.ts'
import { crawl, READERS } from '../support/crawl.ts'
import { signIn, test } from '../support/test.ts'

test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'the checker is itself a script')

for (const [reader, email] of Object.entries(READERS)) {
  test(`accessible as ${reader} sees it`, async ({ demo, person }) => {
    test.slow()
    const page = await person(demo)
    if (email) await signIn(page, email)
    await crawl(page, email ? '/home' : '/', async (path) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await expectAccessible(page, `${path}, ${colorScheme}`)
      }
    })
  })
}
